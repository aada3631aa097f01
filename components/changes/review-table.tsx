import { TriangleAlert } from 'lucide-react'
import { classNames } from '#components/ui/class-names.ts'
import type { ChangeItemView } from '#lib/kms/model/views.ts'
import { ItemCell, ItemRow, ItemTable } from './item-table.tsx'
import { StateChange } from './state-change.tsx'

/**
 * What a planned change will do, key by key and by name: current and next state, why a key will be skipped, and what
 * to know before. Columns Name, Status, ID. Needs no script.
 */
export function ReviewTable({
  items,
  said = [],
  label = 'Keys under review',
}: {
  items: readonly ChangeItemView[]
  /** Warnings that stand above the table already (sharedWarnings). */
  said?: readonly string[]
  label?: string
}) {
  return (
    <ItemTable label={label} columns={['Name', 'Status', 'ID']}>
      {items.map((item) => (
        <ReviewRow key={item.ordinal} item={item} said={said} />
      ))}
    </ItemTable>
  )
}

function ReviewRow({ item, said }: { item: ChangeItemView; said: readonly string[] }) {
  const skipped = item.outcome === 'skipped'
  const warnings = item.warnings.filter((warning) => !said.includes(warning))
  return (
    <ItemRow>
      <ItemCell className="min-w-0">
        <p className={classNames('font-medium wrap-anywhere', skipped ? 'text-dim' : 'text-strong')}>
          {item.keyName ?? 'Not found'}
        </p>
        {skipped && <p className="text-sm text-dim">Will be skipped. {item.reason}</p>}
        {warnings.map((warning) => (
          <p key={warning} className="mt-0.5 flex items-start gap-1.5 text-sm text-warning">
            <TriangleAlert size={14} className="mt-0.5 shrink-0" aria-hidden="true" />
            <span className="min-w-0 wrap-anywhere">{warning}</span>
          </p>
        ))}
      </ItemCell>
      <ItemCell className="sm:w-1 sm:whitespace-nowrap">
        <StateChange from={item.state} to={skipped ? null : item.nextState} />
      </ItemCell>
      <ItemCell className="sm:w-1">
        <code className="font-mono text-xs text-dim wrap-anywhere sm:whitespace-nowrap">{item.keyId}</code>
      </ItemCell>
    </ItemRow>
  )
}
