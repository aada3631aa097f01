import { Button } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { routes } from '#lib/routes.ts'
import type { Problem } from './fetch-change.ts'

/** Why it did not go on, and the way to go on; what was ticked or typed stays as it is. */
export function ProblemCallout({
  problem,
  retry,
  onRetry,
  pending = false,
}: {
  problem: Problem
  retry?: string
  onRetry?: () => void
  pending?: boolean
}) {
  const signedOut = problem.kind === 'signed-out'
  return (
    <Callout
      tone={problem.kind === 'unexpected' ? 'danger' : 'warning'}
      role="alert"
      actions={
        (signedOut || onRetry) && (
          <>
            {signedOut && (
              <a
                href={routes.signIn()}
                target="_blank"
                rel="noreferrer"
                className="inline-flex h-8 items-center rounded-md border border-control bg-surface px-3 font-medium text-strong hover:bg-hover"
              >
                Sign in in a new tab
              </a>
            )}
            {onRetry && (
              <Button onClick={onRetry} pending={pending}>
                {retry}
              </Button>
            )}
          </>
        )
      }
    >
      <p>{problem.message}</p>
      {problem.kind === 'unexpected' && problem.requestId && (
        <p className="mt-1 text-sm text-dim">
          Request ID <code className="font-mono select-all">{problem.requestId}</code>
        </p>
      )}
    </Callout>
  )
}
