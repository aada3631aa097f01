/** What an instance may know without asking the database. A change to any of these opens an invalidation of it. */
export type SubjectKind =
  | 'key'
  | 'material'
  | 'alias'
  | 'grant'
  | 'policy'
  | 'user'
  | 'access-key'
  | 'token'
  | 'project'

/** One of them by name, such as `key <account> <id>`. */
export type Subject = `${SubjectKind} ${string} ${string}`

/**
 * @param id of a key, user, access key, grant or project its id; of material the id of its set; of an alias
 *   `<region>/<alias>`; of a token the hexadecimal hash; of a policy the id of the user whose roles it is
 */
export function subjectOf(kind: SubjectKind, accountId: string, id: string): Subject {
  return `${kind} ${accountId} ${id}`
}
