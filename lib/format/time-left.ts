import { plural } from './count.ts'
import type { Moment } from './time.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/**
 * How long until a moment, rounded down so that it never promises more time than there is:
 * "6 days left", "23 hours left", "5 minutes left", "less than a minute left", "due".
 */
export function formatTimeLeft(until: Moment, now: Moment): string {
  const left = new Date(until).getTime() - new Date(now).getTime()
  if (left <= 0) return 'due'
  if (left >= day) return `${plural(Math.floor(left / day), 'day')} left`
  if (left >= hour) return `${plural(Math.floor(left / hour), 'hour')} left`
  if (left >= minute) return `${plural(Math.floor(left / minute), 'minute')} left`
  return 'less than a minute left'
}
