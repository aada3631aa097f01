import { type Logger, pino } from 'pino'

const shared = globalThis as typeof globalThis & { keysteadLogger?: Logger }

/** The log of this process, one line of JSON per entry. Next may load this module more than once. */
export function logger(): Logger {
  shared.keysteadLogger ??= pino({
    name: 'console',
    // Nobody should pass these; if somebody does, they do not reach the disk.
    redact: ['password', 'token', 'secret', 'cookie', 'authorization', '*.password', '*.token', '*.secret'],
  })
  return shared.keysteadLogger
}
