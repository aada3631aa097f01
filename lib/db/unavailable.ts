import { isTransient, sqlState } from './sql-state.ts'

/**
 * SQLSTATEs that say the server cannot take more now: connection, resources, shutting down, a statement took too long; or
 * has waited too long for the next one, as of a process that stood still in the middle of a transaction.
 */
const passingStates = /^(08|53|57P|57014$|25P0[34]$)/

/** What the client, its adapter and the driver call a server that is not reached, and a pool that is exhausted. */
const passingCodes = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
])
const passingKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
])

/** What node-postgres says without a code: its pool waited too long, or a connection is lost. */
const passingMessages =
  /timeout exceeded when trying to connect|Connection terminated|connection error and is not queryable|has closed the connection/

type Fields = {
  code?: unknown
  syscall?: unknown
  kind?: unknown
  message?: unknown
  cause?: unknown
  meta?: unknown
}

/**
 * Whether the database could not do the work now, and the same may succeed in a moment. Of a transaction whose commit
 * was not answered it does not tell whether it was committed.
 */
export function isUnavailable(error: unknown): boolean {
  if (isTransient(error) || passingStates.test(sqlState(error) ?? '')) return true
  let current = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const { code, syscall, kind, message, cause, meta } = current as Fields
    // The socket of a server that is not running.
    if (code === 'ENOENT' && syscall === 'connect') return true
    if (passingCodes.has(String(code)) || passingKinds.has(String(kind))) return true
    if (typeof message === 'string' && passingMessages.test(message)) return true
    current = (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError ?? cause
  }
  return false
}
