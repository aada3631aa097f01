'use client'

import { formatExactMoment, type Moment, momentParts, shortOffset } from '#lib/format/time.ts'
import { useZone } from './zone.tsx'

/**
 * A moment in the reader's zone, which is named: the date bright, the clock and the zone dim. The exact moment stands
 * in the tooltip. `precision="day"` leaves the clock to the tooltip, `"second"` shows it in full.
 */
export function Time({
  moment,
  precision = 'minute',
}: {
  moment: Moment
  precision?: 'day' | 'minute' | 'second'
}) {
  const zone = useZone()
  const { date, clock, seconds, offset } = momentParts(moment, zone)
  return (
    <time
      dateTime={new Date(moment).toISOString()}
      title={formatExactMoment(moment, zone)}
      className="whitespace-nowrap tabular-nums"
    >
      {date}
      {precision !== 'day' && (
        <span className="text-dim">
          {' '}
          {clock}
          {precision === 'second' && `:${seconds}`} {shortOffset(offset)}
        </span>
      )}
    </time>
  )
}
