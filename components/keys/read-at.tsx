'use client'

import { RefreshCw } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { useZone } from '#components/ui/zone.tsx'
import { formatExactMoment, momentParts, shortOffset } from '#lib/format/time.ts'

/** When the list was read, and the button that reads it again. */
export function ReadAt({
  moment,
  pending,
  onRefresh,
}: {
  moment: string
  pending: boolean
  onRefresh: () => void
}) {
  const zone = useZone()
  const { clock, seconds, offset } = momentParts(moment, zone)
  return (
    <div className="flex shrink-0 items-center gap-1.5">
      <time
        dateTime={moment}
        title={`Read at ${formatExactMoment(moment, zone)}`}
        className="text-xs whitespace-nowrap text-dim tabular-nums max-md:sr-only"
      >
        <span className="sr-only">Read at </span>
        {clock}:{seconds} {shortOffset(offset)}
      </time>
      <Button
        square
        aria-label="Refresh"
        pending={pending}
        icon={<RefreshCw size={16} aria-hidden="true" />}
        onClick={onRefresh}
      />
    </div>
  )
}
