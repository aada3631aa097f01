import { limits } from './kms/model/limits.ts'
import type { ItemOutcome } from './kms/model/views.ts'

/** Which items of a change are asked for. */
export type ItemQuestion = { page: number; pageSize: number; outcome?: ItemOutcome | undefined }

/** A whole quota of keys at once. */
const defaultSize = 100

const outcomes: readonly ItemOutcome[] = ['pending', 'done', 'failed', 'skipped', 'changed']

type Search = URLSearchParams | Record<string, string | string[] | undefined>

/** The question in an address; what does not parse is the default, never an error. */
export function readItemQuestion(search: Search): ItemQuestion {
  const page = one(search, 'page')
  const size = Number(one(search, 'page-size'))
  const outcome = outcomes.find((known) => known === one(search, 'outcome'))
  return {
    page: /^[1-9]\d{0,6}$/.test(page) ? Number(page) : 1,
    pageSize: limits.pageSizes.find((known) => known === size) ?? defaultSize,
    ...(outcome && { outcome }),
  }
}

function one(search: Search, name: string): string {
  const value = search instanceof URLSearchParams ? search.get(name) : search[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

/** The same address, asking for other items; what is the default is left out. */
export function withItemQuestion(address: string, { page, pageSize, outcome }: ItemQuestion): string {
  const [path = '', query] = address.split('?', 2)
  const search = new URLSearchParams(query)
  for (const name of ['outcome', 'page', 'page-size']) search.delete(name)
  if (outcome) search.set('outcome', outcome)
  if (page > 1) search.set('page', String(page))
  if (pageSize !== defaultSize) search.set('page-size', String(pageSize))
  const text = search.toString()
  return text ? `${path}?${text}` : path
}
