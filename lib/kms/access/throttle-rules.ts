/** One row of the throttle. */
export type ThrottleRow = {
  failures: number
  windowStart: Date
  blockedUntil: Date | null
  refused: number
  updatedAt: Date
}

/** What becomes of an attempt, and of the row if it is let through. */
export type Verdict = { admitted: true; row: ThrottleRow } | { admitted: false; seconds: number }

const freeFailures = 5
const longestBlockSeconds = 60
/** After so long without an attempt an account starts anew. */
const quietMilliseconds = 15 * 60_000
const attemptsPerMinute = 30

/**
 * Per account: five failures, then a pause of 1, 2, 4 … 60 seconds after each. An attempt during a pause is turned away
 * and does not lengthen it, so nobody can lock another out for good.
 */
export function judgeEmail(row: ThrottleRow, now: Date): Verdict {
  if (row.blockedUntil && row.blockedUntil > now)
    return { admitted: false, seconds: secondsUntil(row.blockedUntil, now) }
  const quiet = now.getTime() - row.updatedAt.getTime() >= quietMilliseconds
  const failures = (quiet ? 0 : row.failures) + 1
  const pause = failures < freeFailures ? 0 : Math.min(longestBlockSeconds, 2 ** (failures - freeFailures))
  const blockedUntil = pause > 0 ? new Date(now.getTime() + pause * 1_000) : null
  return { admitted: true, row: { ...row, failures, blockedUntil, updatedAt: now } }
}

/** Per address: thirty failures in a minute, whoever they are for. */
export function judgeAddress(row: ThrottleRow, now: Date): Verdict {
  const end = new Date(row.windowStart.getTime() + 60_000)
  const over = end <= now
  if (!over && row.failures >= attemptsPerMinute) return { admitted: false, seconds: secondsUntil(end, now) }
  const begun = over ? { failures: 0, windowStart: now } : row
  return {
    admitted: true,
    row: { ...row, ...begun, failures: begun.failures + 1, blockedUntil: null, updatedAt: now },
  }
}

function secondsUntil(moment: Date, now: Date): number {
  return Math.max(1, Math.ceil((moment.getTime() - now.getTime()) / 1_000))
}
