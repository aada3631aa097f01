import { useEffect, useState } from 'react'
import { Callout } from '#components/ui/callout.tsx'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { confirmedWithinMs, notConfirmed } from './change-words.ts'
import type { Problem } from './fetch-change.ts'
import { ProblemCallout } from './problem-callout.tsx'

/** More would hide what happens next. */
const namedMax = 5

/**
 * While a change is saved and instances that may not know of it are awaited: which ones, and what happens next; or why
 * it cannot be confirmed, and what to do. Otherwise nothing: it is put in its place before there is something to say,
 * so that screen readers hear it, and hear it once.
 */
export function AwaitedInstances({ change, problem }: { change: ChangeView; problem?: Problem | undefined }) {
  const confirming = change.status === 'confirming'
  return (
    <>
      <div role="status" aria-atomic="false" aria-relevant="additions" className="max-w-3xl empty:sr-only">
        {confirming && <Awaited names={change.awaitedInstances} problem={problem} />}
      </div>
      {confirming && problem?.kind === 'signed-out' && <ProblemCallout problem={problem} />}
    </>
  )
}

function Awaited({ names, problem }: { names: readonly string[]; problem: Problem | undefined }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), confirmedWithinMs)
    return () => clearTimeout(timer)
  }, [])
  const unread = problem && problem.kind !== 'signed-out' ? problem : null
  const stuck = late || unread !== null

  return (
    <Callout tone={stuck ? 'warning' : 'info'} title={`${notConfirmed}.`}>
      {unread && <p>{unread.code === 'busy' ? 'The database does not answer in time.' : unread.message}</p>}
      {late && !unread && <p>This takes longer than it should.</p>}
      <WhoIsAwaited names={names} unread={unread !== null} />
      <p className="mt-1 text-sm text-dim">
        {stuck
          ? 'Until it is confirmed, an instance that does not know of it may treat the keys as before. Check that the database answers: confirming then goes on by itself, and nothing has to be done again.'
          : 'An instance that does not answer within a second is shut out. After about four seconds the change holds everywhere.'}
      </p>
    </Callout>
  )
}

function WhoIsAwaited({ names, unread }: { names: readonly string[]; unread: boolean }) {
  const [first, ...others] = names
  if (first === undefined) return unread ? null : <p>Every instance has to confirm that it knows.</p>
  if (others.length === 0) {
    return (
      <p>
        {unread ? 'When last heard of, it awaited' : 'It holds on every instance but'} <Name>{first}</Name>.
      </p>
    )
  }
  return (
    <>
      <p>{unread ? 'When last heard of, it awaited these:' : 'It holds on every instance but these:'}</p>
      <ul aria-label="Awaited instances" className="my-0.5 list-disc pl-5">
        {names.slice(0, namedMax).map((name, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two instances may have one name
          <li key={`${name} ${place}`}>
            <Name>{name}</Name>
          </li>
        ))}
        {names.length > namedMax && <li>and {names.length - namedMax} more</li>}
      </ul>
    </>
  )
}

function Name({ children }: { children: string }) {
  return <span className="font-medium text-strong">{children}</span>
}
