import type { Logger } from 'pino'
import { environment } from '#lib/env.ts'
import { openLog } from '#lib/log.ts'

const shared = globalThis as typeof globalThis & { keysteadLogger?: Logger }

/** The log of this process, one line of JSON per entry. Next may load this module more than once. */
export function logger(): Logger {
  shared.keysteadLogger ??= openLog('console', environment().logLevel)
  return shared.keysteadLogger
}
