/** Header in which the proxy tells pages their own address, path and query: Next does not. */
export const pageHeader = 'x-keystead-page'

/** Where to go after signing in when nothing else was asked for. */
export const homePage = '/keys'

/**
 * A page of this site that may be gone to after signing in: an absolute path of our own, or null. Anything a browser
 * could read as another site (`//host`, a backslash, a control character, a scheme) is refused.
 */
export function ownPage(value: string | null | undefined): string | null {
  if (!value?.startsWith('/') || value.length > 2_000) return null
  const url = URL.parse(value, 'http://own.invalid')
  if (url?.origin !== 'http://own.invalid') return null
  const page = url.pathname + url.search
  return page.startsWith('//') || page.startsWith('/sign-in') ? null : page
}

/** The sign-in page, which leads back to `page` if that is one of ours. */
export function signInAddress(page: string | null | undefined): string {
  const next = ownPage(page)
  return next === null || next === homePage ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`
}
