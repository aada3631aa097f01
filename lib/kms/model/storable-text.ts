/**
 * Whether the database gives a text back as it was: Postgres knows no NUL in a text, and half a surrogate pair has no
 * UTF-8 and would become another character.
 */
export function isStorableText(text: string): boolean {
  return !/[\0\p{Cs}]/u.test(text)
}
