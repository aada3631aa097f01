/** A moment as the server sends it: ISO 8601 text, milliseconds since 1970, or a Date. */
export type Moment = Date | string | number

/** The zone used until the browser has told its own. */
export const fallbackZone = 'UTC'

const formats = new Map<string, Intl.DateTimeFormat>()

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  })
  formats.set(zone, format)
  return format
}

/** Whether the text names a time zone this machine knows; a cookie can hold anything. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/**
 * The parts of a moment in a zone: date `2026/11/24`, clock `01:21`, seconds `05`, offset `GMT+08:00` or `UTC`.
 * The order year/month/day and the offset follow "Huawei KMS key list".
 */
export function momentParts(
  moment: Moment,
  zone: string,
): { date: string; clock: string; seconds: string; offset: string } {
  const parts = new Map(
    formatFor(zone)
      .formatToParts(new Date(moment))
      .map((part) => [part.type, part.value]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? ''
  const offset = part('timeZoneName')
  return {
    date: `${part('year')}/${part('month')}/${part('day')}`,
    clock: `${part('hour')}:${part('minute')}`,
    seconds: part('second'),
    // Browsers and Node do not agree on how to write no offset at all.
    offset: /^GMT([+-]00:00)?$/.test(offset) ? 'UTC' : offset,
  }
}

/** `GMT+08:00` → `GMT+8`, for where space is short; half hours stay: `GMT+5:30`. */
export function shortOffset(offset: string): string {
  return offset.replace(/^GMT([+-])0?(\d+):(\d\d)$/, (_, sign, hours, minutes) =>
    minutes === '00' ? `GMT${sign}${hours}` : `GMT${sign}${hours}:${minutes}`,
  )
}

/** `2026/11/24 01:21:05 GMT+08:00`. */
export function formatMoment(moment: Moment, zone: string): string {
  const { date, clock, seconds, offset } = momentParts(moment, zone)
  return `${date} ${clock}:${seconds} ${offset}`
}

/** The exact moment, for a tooltip: `2026/11/24 01:21:05.123 GMT+08:00 (Asia/Shanghai)`. */
export function formatExactMoment(moment: Moment, zone: string): string {
  const { date, clock, seconds, offset } = momentParts(moment, zone)
  const millis = String(new Date(moment).getUTCMilliseconds()).padStart(3, '0')
  return `${date} ${clock}:${seconds}.${millis} ${offset}${zone === 'UTC' ? '' : ` (${zone})`}`
}
