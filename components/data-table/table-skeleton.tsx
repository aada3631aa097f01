import { Skeleton } from '#components/ui/skeleton.tsx'
import type { Density } from './density-choice.ts'

/** The place of a table on its way: as high as the table will be, so that nothing jumps when it comes. */
export function TableSkeleton({
  label,
  rows = 16,
  density = 'comfortable',
}: {
  label: string
  rows?: number
  density?: Density
}) {
  return (
    <div
      role="status"
      data-density={density}
      className="overflow-hidden rounded-md border border-line-strong bg-surface"
    >
      <span className="sr-only">Loading {label}</span>
      <div className="h-8 border-b border-line-strong bg-sunken" />
      {Array.from({ length: rows }, (_, at) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike
          key={at}
          className="flex h-10 items-center gap-6 border-b border-line px-3 last:border-0 compact:h-8"
        >
          <Skeleton className="h-4 w-4" />
          <Skeleton className="h-3 w-2/5" />
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-3 flex-1 max-md:hidden" />
        </div>
      ))}
    </div>
  )
}
