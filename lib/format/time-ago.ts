import { plural } from './count.ts'
import type { Moment } from './time.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** How long ago a moment was, rounded down: "3 days ago", "2 hours ago", "5 minutes ago", "just now". */
export function formatTimeAgo(moment: Moment, now: Moment): string {
  const passed = new Date(now).getTime() - new Date(moment).getTime()
  if (passed >= day) return `${plural(Math.floor(passed / day), 'day')} ago`
  if (passed >= hour) return `${plural(Math.floor(passed / hour), 'hour')} ago`
  if (passed >= minute) return `${plural(Math.floor(passed / minute), 'minute')} ago`
  return 'just now'
}
