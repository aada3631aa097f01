import type { ReactNode } from 'react'

/** A value and what belongs to it: below each other in a comfortable table, beside each other in a compact one. */
export function TwoLines({ first, second }: { first: ReactNode; second: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col compact:flex-row compact:items-center compact:gap-2">
      <div className="min-w-0 max-w-full compact:shrink-0 compact:max-w-3/5">{first}</div>
      <div className="min-w-0 max-w-full text-xs/4 text-dim">{second}</div>
    </div>
  )
}
