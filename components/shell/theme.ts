export type Theme = 'light' | 'dark' | 'system'

/** The theme a cookie asks for; anything else is the system's. */
export function themeFrom(cookie: string | undefined): Theme {
  return cookie === 'light' || cookie === 'dark' ? cookie : 'system'
}
