/** Statements that write or lock, and the one that begins every transaction: their plans depend on no value. */
const planHolds =
  /^\s*(?:WITH|UPDATE|INSERT|DELETE)\b|\bFOR (?:UPDATE|SHARE)\b|\bkeystead_(?:begin|close_invalidations)\(/

/**
 * What comes in greater numbers is planned for that many rows: the plan that serves any number is made for ten, and was
 * seen to take ten times as long for 500.
 */
const rowsMax = 20

/** Each prepared statement holds memory in every connection. */
const preparedMax = 200

/**
 * Names the statements that a connection prepares once and then only runs: a change of one key takes a third less time.
 * Reading ones are planned anew each time, since the best way through a filter depends on what it asks for; `''` leaves
 * a statement unnamed. Texts beyond the first 200 stay unnamed too, and so does what writes or locks many rows at once.
 */
export function statementNames(
  most: number = preparedMax,
): (query: { sql: string; args: readonly unknown[] }) => string {
  const names = new Map<string, string>()
  return ({ sql, args }) => {
    if (args.some((arg) => Array.isArray(arg) && arg.length > rowsMax)) return ''
    const known = names.get(sql)
    if (known !== undefined) return known
    if (names.size >= most || !planHolds.test(sql)) return ''
    const name = `keystead_${names.size}`
    names.set(sql, name)
    return name
  }
}
