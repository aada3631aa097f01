const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** 10000 → "10,000". */
export function formatCount(count: number): string {
  return whole.format(count)
}

/** "1 key", "2 keys", "10,000 keys". The plural is the word with an s unless given. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
