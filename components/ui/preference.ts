const yearSeconds = 365 * 24 * 60 * 60

/** Keeps how a person likes the console in a cookie the server reads: nothing secret, nothing the product relies on. */
export function savePreference(name: 'theme' | 'density' | 'zone' | 'project', value: string) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and on plain http
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${yearSeconds}; SameSite=Lax`
}
