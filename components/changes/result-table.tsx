import { type Status, StatusBadge } from '#components/ui/status-badge.tsx'
import type { ChangeItemView, ChangeStatus, ItemOutcome } from '#lib/kms/model/views.ts'
import { ItemCell, ItemRow, ItemTable } from './item-table.tsx'
import { outcomeWords } from './outcome-words.ts'
import { StateChange } from './state-change.tsx'

/**
 * What became of each key of a change. Columns Name, Status, Result; the id stands under the name. Needs no script.
 *
 * @param status of the change: it decides what a result is called (outcomeWords)
 */
export function ResultTable({
  items,
  status,
  label = 'Result per key',
}: {
  items: readonly ChangeItemView[]
  status: ChangeStatus
  label?: string
}) {
  return (
    <ItemTable label={label} columns={['Name', 'Status', 'Result']}>
      {items.map((item) => (
        <ItemRow key={item.ordinal}>
          <ItemCell className="min-w-0">
            <p className="font-medium text-strong wrap-anywhere">{item.keyName ?? 'Not found'}</p>
            <code className="font-mono text-xs text-dim wrap-anywhere sm:whitespace-nowrap">
              {item.keyId}
            </code>
          </ItemCell>
          <ItemCell className="sm:w-1 sm:whitespace-nowrap">
            <StateChange from={item.state} to={item.outcome === 'done' ? item.nextState : null} />
          </ItemCell>
          <ItemCell className="sm:w-1/3">
            <Outcome outcome={item.outcome} status={status} />
            {item.outcome !== 'done' && item.reason && (
              <p className="mt-0.5 text-sm text-text wrap-anywhere">{item.reason}</p>
            )}
            {item.outcome === 'failed' && item.requestId && (
              <p className="mt-0.5 text-xs text-dim">
                Request ID <code className="font-mono select-all">{item.requestId}</code>
              </p>
            )}
          </ItemCell>
        </ItemRow>
      ))}
    </ItemTable>
  )
}

const badges: Record<ItemOutcome, Status> = {
  pending: 'waiting',
  done: 'done',
  failed: 'failed',
  skipped: 'skipped',
  changed: 'changed',
}

function Outcome({ outcome, status }: { outcome: ItemOutcome; status: ChangeStatus }) {
  // Not done in the colour of success while an instance may not know of it
  const awaited = outcome === 'done' && status === 'confirming'
  return (
    <StatusBadge status={awaited ? 'waiting' : badges[outcome]}>{outcomeWords(outcome, status)}</StatusBadge>
  )
}
