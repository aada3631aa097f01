import {
  createLoader,
  createMultiParser,
  createParser,
  createSerializer,
  parseAsInteger,
  parseAsNumberLiteral,
  parseAsStringLiteral,
  type SearchParams,
} from 'nuqs/server'
import type { KeyFilter, KeyListInput } from './kms/model/inputs/key-filter.ts'
import { type KeySpec, keySpecs } from './kms/model/key-spec.ts'
import type { KeyState } from './kms/model/key-state.ts'
import { codePoints, limits } from './kms/model/limits.ts'
import { isStorableText } from './kms/model/storable-text.ts'

/**
 * The key list as an address. What stands in the address bar is the whole question: filter, order and page, so that
 * it can be kept, sent and gone back to. A value that does not parse is left out, never an error. Without zod, since
 * the browser makes these addresses too; a test holds the result against the schema of the verb.
 */

type ItemParser<Item> = { parse: (text: string) => Item | null; serialize: (item: Item) => string }

/** A parameter that may be given several times; what does not parse and what is there twice is left out. */
function listOf<Item>(item: ItemParser<Item>, max: number) {
  return createMultiParser<Item[]>({
    parse: (texts) => {
      const known = new Map<string, Item>()
      for (const text of texts) {
        const value = item.parse(text)
        if (value !== null) known.set(item.serialize(value), value)
      }
      return [...known.values()].slice(0, max)
    },
    serialize: (items) => items.map(item.serialize),
    eq: (a, b) => a.length === b.length && a.every((value, at) => value === b[at]),
  }).withDefault([])
}

function text(max: number): ItemParser<string> {
  return {
    parse: (given) => (given !== '' && given.length <= max && isStorableText(given) ? given : null),
    serialize: (given) => given,
  }
}

/** Values of the model under the words an address shows. */
function words<Value extends string>(wordOf: Record<Value, string>): ItemParser<Value> {
  const values = Object.keys(wordOf) as Value[]
  return {
    parse: (word) => values.find((value) => wordOf[value] === word || value === word) ?? null,
    serialize: (value) => wordOf[value],
  }
}

const stateSlugs: Record<KeyState, string> = {
  2: 'enabled',
  3: 'disabled',
  4: 'pending-deletion',
  5: 'pending-import',
}

const specSlugs = Object.fromEntries(Object.keys(keySpecs).map((spec) => [spec, spec])) as Record<
  KeySpec,
  string
>

/** `key` or `key=value`, each side percent-encoded, since a tag key may hold `=` itself. */
const tag: ItemParser<KeyFilter['tag'][number]> = {
  parse: (given) => {
    const [key = '', value] = given.split('=', 2).map(decoded)
    if (key === null || value === null || !isStorableText(key) || !isStorableText(value ?? '')) return null
    if (key === '' || codePoints(key) > limits.tagKeyMax || codePoints(value ?? '') > limits.tagValueMax) {
      return null
    }
    return value === undefined ? { key } : { key, value }
  },
  serialize: ({ key, value }) =>
    [key, value].flatMap((part) => (part === undefined ? [] : [encodeURIComponent(part)])).join('='),
}

function decoded(given: string): string | null {
  try {
    return decodeURIComponent(given)
  } catch {
    return null
  }
}

const day = createParser<string>({
  parse: (given) => {
    if (!/^(19|20|21)\d\d-\d\d-\d\d$/.test(given)) return null
    const moment = new Date(`${given}T00:00:00Z`)
    // 2026-02-31 rolls over into March
    return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(given) ? given : null
  },
  serialize: (given) => given,
})

const page = createParser<number>({
  parse: (given) => {
    const number = /^\d{1,7}$/.test(given) ? parseAsInteger.parse(given) : null
    return number !== null && number >= 1 && number <= 1_000_000 ? number : null
  },
  serialize: String,
}).withDefault(1)

const parsers = {
  tab: parseAsStringLiteral(['custom', 'default']).withDefault('custom'),
  text: listOf(text(255), 10),
  name: listOf(text(255), 10),
  id: listOf(text(36), 10),
  status: listOf(words(stateSlugs), 4),
  algorithm: listOf(words(specSlugs), 32),
  usage: listOf(
    words({
      ENCRYPT_DECRYPT: 'encrypt-decrypt',
      SIGN_VERIFY: 'sign-verify',
      GENERATE_VERIFY_MAC: 'generate-verify-mac',
    }),
    3,
  ),
  origin: listOf(words({ kms: 'kms', external: 'external' }), 2),
  enterpriseProject: listOf(text(64), 32),
  createdFrom: day,
  createdTo: day,
  tag: listOf(tag, limits.tagsPerKeyMax),
  sort: parseAsStringLiteral([
    'name',
    'status',
    'created',
    'algorithm',
    'origin',
    'enterpriseProject',
    'lastUsed',
    'calls',
  ]).withDefault('created'),
  direction: parseAsStringLiteral(['asc', 'desc']).withDefault('desc'),
  page,
  pageSize: parseAsNumberLiteral(limits.pageSizes).withDefault(limits.pageSizeDefault),
}

const urlKeys = {
  text: 'q',
  enterpriseProject: 'enterprise-project',
  createdFrom: 'created-from',
  createdTo: 'created-to',
  pageSize: 'page-size',
} as const

const load = createLoader(parsers, { urlKeys })
const serialize = createSerializer(parsers, { urlKeys })

/** The question an address asks of a project; `search` is what follows its `?`. */
export function readKeyListUrl(search: SearchParams | URLSearchParams, projectId: string): KeyListInput {
  const { tab, createdFrom, createdTo, ...rest } = load(search)
  return {
    ...rest,
    projectId,
    defaultKeys: tab === 'default',
    ...(createdFrom !== null && { createdFrom }),
    ...(createdTo !== null && { createdTo }),
  }
}

/** The parameters of a question, without those that say nothing but the default: `?project=…&status=enabled`. */
function keyListQuery(list: Partial<KeyListInput> & { projectId: string }): string {
  const { projectId, defaultKeys, createdFrom = null, createdTo = null, ...rest } = list
  const tab = defaultKeys ? 'default' : 'custom'
  return serialize(`?project=${projectId}`, { ...rest, createdFrom, createdTo, tab })
}

/** The address of the list that asks this; what is left out is the default. */
export function keyListHref(list: Partial<KeyListInput> & { projectId: string }): string {
  return `/keys${keyListQuery(list)}`
}

/** The Create Key page that leads back to this list. */
export function createKeyHref(list: Partial<KeyListInput> & { projectId: string }): string {
  return `/keys/create${keyListQuery(list)}`
}

/** The Delete Key page of a planned change that leads back to this list. */
export function deleteKeysHref(
  changeId: string,
  list: Partial<KeyListInput> & { projectId: string },
): string {
  return `/keys/delete/${encodeURIComponent(changeId)}${keyListQuery(list)}`
}

/** Where the keys that match are counted per state (GET). */
export function keyCountsHref(filter: KeyFilter): string {
  return `/keys/counts${keyFilterQuery(filter)}`
}

/** Which keys are asked for, whatever their order and page: two lists with the same query hold the same keys. */
export function keyFilterQuery(filter: KeyFilter | KeyListInput): string {
  return keyListQuery(filterOf(filter))
}

/** The filter alone, without order and page. */
export function filterOf(list: KeyFilter | KeyListInput): KeyFilter {
  const { sort: _, direction: _d, page: _p, pageSize: _s, ...filter } = list as KeyListInput
  return filter
}

/** The tab without any filter; project, order and size stay. */
export function withoutFilter(list: KeyListInput): KeyListInput {
  const { projectId, defaultKeys, sort, direction, pageSize } = list
  return { projectId, defaultKeys, sort, direction, page: 1, pageSize, ...noConditions }
}

const noConditions = {
  text: [],
  name: [],
  id: [],
  status: [],
  algorithm: [],
  usage: [],
  origin: [],
  enterpriseProject: [],
  tag: [],
}

/** Whether the list is narrowed by anything but its tab. */
export function isFiltered(list: KeyListInput): boolean {
  return keyFilterQuery(list) !== keyFilterQuery(withoutFilter(list))
}
