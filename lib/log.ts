import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import type { LogLevel } from '#lib/env.ts'

/** How deep causes of an error are followed; a chain that is longer says nothing more. */
const causesMax = 5

/** What is told of an error: enough to find it, and nothing that somebody hung on to it. */
type ToldError = { type: string; message: string; code?: string; stack?: string; cause?: unknown }

/**
 * Names the parts of an error that may be written. Clients of databases and of HTTP hang parameters, rows and requests
 * on their errors, so what is told is listed here instead of what is not.
 */
export function tellError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code } = error as { code?: unknown }
  const told: ToldError = { type: error.name, message: error.message }
  if (typeof code === 'string') told.code = code
  if (error.stack !== undefined) told.stack = error.stack
  if (error.cause !== undefined && depth < causesMax) told.cause = tellError(error.cause, depth + 1)
  if (error instanceof AggregateError && depth < causesMax)
    told.cause = error.errors.slice(0, causesMax).map((one) => tellError(one, depth + 1))
  return told
}

/**
 * A log of one line of JSON per entry, on standard output unless told otherwise.
 *
 * @param name who speaks, such as `endpoint`
 * @param level entries below it are not written
 */
export function openLog(name: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    name,
    level,
    serializers: { err: tellError },
    // Nobody should pass these; if somebody does, they do not reach the disk.
    redact: ['password', 'token', 'secret', 'cookie', 'authorization', '*.password', '*.token', '*.secret'],
  }
  return destination ? pino(options, destination) : pino(options)
}
