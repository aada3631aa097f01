import type { ReactNode } from 'react'
import { TextLink } from '#components/ui/text-link.tsx'
import { Time } from '#components/ui/time.tsx'
import { plural } from '#lib/format/count.ts'
import { operationWords } from '#lib/kms/model/key-state.ts'
import type { ChangeStatus, ChangeView } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'

const statusWords: Record<ChangeStatus, string> = {
  planned: 'Under review',
  applying: 'Running',
  confirming: 'Saved, being confirmed',
  done: 'Finished',
  stopped: 'Stopped',
}

/** What a change is: operation, status, author and moments. */
export function ChangeFacts({ change }: { change: ChangeView }) {
  const { operation, status, authorName, plannedAt, appliedAt, finishedAt, pendingDays, deletionAt } = change
  const earlier = change.undoOf ?? change.parentId
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 sm:flex sm:flex-wrap sm:gap-x-10 sm:gap-y-3">
      <Fact name="Operation">{operationWords[operation]}</Fact>
      <Fact name="Status">{change.expired ? 'Expired' : statusWords[status]}</Fact>
      <Fact name="Author">{authorName}</Fact>
      <Fact name="Planned">
        <Time moment={plannedAt} />
      </Fact>
      {appliedAt && (
        <Fact name="Applied">
          <Time moment={appliedAt} />
        </Fact>
      )}
      {finishedAt && (
        <Fact name={status === 'stopped' ? 'Stopped' : 'Finished'}>
          <Time moment={finishedAt} />
        </Fact>
      )}
      {pendingDays !== null && <Fact name="Waiting period">{plural(pendingDays, 'day')}</Fact>}
      {deletionAt && (
        <Fact name="Keys deleted on">
          <Time moment={deletionAt} />
        </Fact>
      )}
      {earlier && (
        <Fact name={change.undoOf ? 'Undoes' : 'Tries again'}>
          <TextLink href={routes.change(change.projectId, earlier)}>Earlier change</TextLink>
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0 max-sm:contents">
      <dt className="text-xs/5 text-dim sm:text-xs">{name}</dt>
      <dd className="text-strong wrap-anywhere">{children}</dd>
    </div>
  )
}
