/**
 * Every address inside the console. Pages of a project carry it as `project`, so that a link means the same for
 * everyone who opens it.
 */
type Query = Record<string, string | number | readonly string[] | null | undefined>

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one))
  }
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

export const routes = {
  home: () => '/',
  /** The keys of the project one used last. */
  console: () => '/keys',
  signIn: (query: { next?: string } = {}) => withQuery('/sign-in', query),
  setUp: () => '/set-up',
  link: () => '/link',
  /** The key list; `query` holds its tab, filters, sorting and page. */
  keys: (project: string, query: Query = {}) => withQuery('/keys', { project, ...query }),
  createKey: (project: string) => withQuery('/keys/create', { project }),
  /** The Delete Key page of a planned change. */
  deleteKeys: (project: string, changeId: string) =>
    withQuery(`/keys/delete/${encodeURIComponent(changeId)}`, { project }),
  /** A change with the result of each of its keys. */
  change: (project: string, changeId: string) =>
    withQuery(`/changes/${encodeURIComponent(changeId)}`, { project }),
  /** How far a change has come, as JSON. */
  changeProgress: (project: string, changeId: string) =>
    withQuery(`/changes/${encodeURIComponent(changeId)}/progress`, { project }),
  /** The result of each of its keys, as CSV. */
  changeResults: (project: string, changeId: string) =>
    withQuery(`/changes/${encodeURIComponent(changeId)}/results.csv`, { project }),
} as const

/** The same page in another project: filters and pages of the old one do not travel. */
export function inProject(pathname: string, project: string): string {
  const list = pathname.startsWith('/changes/') || pathname.startsWith('/keys/delete/')
  return withQuery(list ? '/keys' : pathname, { project })
}
