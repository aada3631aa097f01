/** Rows of 40 or of 32 pixels. */
export type Density = 'comfortable' | 'compact'

/** The density a cookie asks for. */
export function densityFrom(cookie: string | undefined): Density {
  return cookie === 'compact' ? 'compact' : 'comfortable'
}
