'use client'

import { RefreshCw } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { classNames } from '#components/ui/class-names.ts'
import { useZone } from '#components/ui/zone.tsx'
import { formatExactMoment, momentParts, shortOffset } from '#lib/format/time.ts'

/** When the list was read, and the button that reads it again. */
export function ReadAt({
  moment,
  brief,
  pending,
  onRefresh,
}: {
  moment: string
  /** Room is short, as beside what can be done with ticked keys: the moment is shown on a wide screen only. */
  brief: boolean
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
        className={classNames(
          'text-xs whitespace-nowrap text-dim tabular-nums',
          brief ? 'max-2xl:sr-only' : 'max-md:sr-only',
        )}
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
