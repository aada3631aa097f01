import type { ReactNode } from 'react'
import { classNames } from '#components/ui/class-names.ts'

/**
 * A value and what belongs to it: below each other in a comfortable table, beside each other in a compact one. Text is
 * cut with an ellipsis and shown in full on hover; anything else has to cut itself. With `cardRow` they stand beside
 * each other in the card on a phone too.
 */
export function TwoLines({
  first,
  second,
  cardRow = false,
}: {
  first: ReactNode
  second: ReactNode
  cardRow?: boolean
}) {
  return (
    <div
      className={classNames(
        'flex min-w-0 flex-col compact:flex-row compact:items-center compact:gap-2',
        cardRow && 'max-md:flex-row max-md:items-baseline max-md:gap-2',
      )}
    >
      <div className="min-w-0 max-w-full compact:max-w-3/5 compact:shrink-0">{cut(first)}</div>
      <div className="min-w-0 max-w-full text-xs/4 text-dim">{cut(second)}</div>
    </div>
  )
}

function cut(content: ReactNode): ReactNode {
  if (typeof content !== 'string') return content
  return (
    <span className="block truncate" title={content}>
      {content}
    </span>
  )
}
