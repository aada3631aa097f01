/**
 * The SQLSTATE behind an error of the client, or null. The adapter keeps the driver's code in `originalCode` of the
 * cause, sometimes two causes deep.
 */
export function sqlState(error: unknown): string | null {
  let current = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const fields = current as Record<string, unknown>
    const code = fields.originalCode ?? fields.code
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^P\d{4}$/.test(code)) return code
    const meta = fields.meta as Record<string, unknown> | undefined
    current = meta?.driverAdapterError ?? fields.cause
  }
  return null
}

/** The name of the unique index that a write ran into, or null. */
export function violatedIndex(error: unknown): string | null {
  if (sqlState(error) !== '23505') return null
  let current = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const fields = current as Record<string, unknown>
    const constraint = fields.constraint as { index?: string } | undefined
    if (constraint?.index) return constraint.index
    const meta = fields.meta as Record<string, unknown> | undefined
    current = meta?.driverAdapterError ?? fields.cause
  }
  return null
}

/** Deadlock, serialisation failure or lock timeout: the same transaction may succeed when tried again. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error)
  return state === '40P01' || state === '40001' || state === '55P03'
}
