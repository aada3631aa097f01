import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import { keySpecs } from '#lib/kms/model/key-spec.ts'
import { keyStates } from '#lib/kms/model/key-state.ts'
import type { EnterpriseProjectView } from '#lib/kms/model/views.ts'
import { originWords, usageWords } from './key-words.ts'

/** Properties of a key the list can be narrowed by: `text` typed, `choice` picked from a list. */
const textProperties = { name: 'Name', id: 'ID' } as const
const choiceProperties = {
  status: 'Status',
  algorithm: 'Key Algorithm',
  usage: 'Usage',
  origin: 'Origin',
  enterpriseProject: 'Enterprise Project',
} as const
const otherProperties = { created: 'Created', tag: 'Tag' } as const

export type TextProperty = keyof typeof textProperties
export type ChoiceProperty = keyof typeof choiceProperties
export type Property = TextProperty | ChoiceProperty | keyof typeof otherProperties

export const propertyWords: Record<Property, string> = {
  ...textProperties,
  ...choiceProperties,
  ...otherProperties,
}

/** In the order of the columns; the enterprise project only once there is a choice. */
export function propertiesFor(enterpriseProjects: readonly EnterpriseProjectView[]): Property[] {
  const all: Property[] = [
    'name',
    'id',
    'status',
    'created',
    'algorithm',
    'usage',
    'origin',
    'enterpriseProject',
    'tag',
  ]
  return all.filter((property) => property !== 'enterpriseProject' || enterpriseProjects.length > 1)
}

export function isTextProperty(property: Property): property is TextProperty {
  return Object.hasOwn(textProperties, property)
}

export function isChoiceProperty(property: Property): property is ChoiceProperty {
  return Object.hasOwn(choiceProperties, property)
}

export type Choice = { value: string; label: string }

/** What can be picked for a property. */
export function choicesOf(
  property: ChoiceProperty,
  enterpriseProjects: readonly EnterpriseProjectView[],
): Choice[] {
  switch (property) {
    case 'status':
      return Object.entries(keyStates).map(([value, { word }]) => ({ value, label: word }))
    case 'algorithm':
      return Object.keys(keySpecs).map((value) => ({ value, label: value }))
    case 'usage':
      return Object.entries(usageWords).map(([value, label]) => ({ value, label }))
    case 'origin':
      return Object.entries(originWords).map(([value, label]) => ({ value, label }))
    case 'enterpriseProject':
      return enterpriseProjects.map(({ id, name }) => ({ value: id, label: name }))
  }
}

/** The list narrowed by one more value, at its first page. Values of one choice add up, everything else is ANDed. */
export function withTerm(
  list: KeyListInput,
  property: 'text' | TextProperty | ChoiceProperty,
  value: string,
): KeyListInput {
  const values = list[property] as readonly string[]
  return { ...list, page: 1, [property]: values.includes(value) ? values : [...values, value] }
}

export function withTag(list: KeyListInput, key: string, value: string | undefined): KeyListInput {
  const others = list.tag.filter((tag) => tag.key !== key || tag.value !== value)
  return { ...list, page: 1, tag: [...others, value === undefined ? { key } : { key, value }] }
}

/** Days inclusive, in UTC; null leaves that side open. */
export function withCreated(list: KeyListInput, from: string | null, to: string | null): KeyListInput {
  const { createdFrom: _, createdTo: _to, ...rest } = list
  return { ...rest, page: 1, ...(from && { createdFrom: from }), ...(to && { createdTo: to }) }
}

/** One condition of the filter, as a chip. */
export type Term = { id: string; label: string; without: KeyListInput }

/** The conditions of a list, each with the list without it. */
export function termsOf(list: KeyListInput, enterpriseProjects: readonly EnterpriseProjectView[]): Term[] {
  const terms: Term[] = []
  const typed = (property: 'text' | TextProperty, word: string) => {
    for (const value of list[property]) {
      const without = { ...list, page: 1, [property]: list[property].filter((one) => one !== value) }
      terms.push({ id: `${property} ${value}`, label: `${word}: ${value}`, without })
    }
  }
  const picked = (property: ChoiceProperty) => {
    const values: readonly string[] = list[property]
    if (values.length === 0) return
    const choices = choicesOf(property, enterpriseProjects)
    const words = values.map((value) => choices.find((choice) => choice.value === value)?.label ?? value)
    terms.push({
      id: property,
      label: `${propertyWords[property]}: ${words.join(' or ')}`,
      without: { ...list, page: 1, [property]: [] },
    })
  }
  typed('text', 'Keyword')
  typed('name', propertyWords.name)
  typed('id', propertyWords.id)
  picked('status')
  if (list.createdFrom || list.createdTo) {
    terms.push({ id: 'created', label: createdWords(list), without: withCreated(list, null, null) })
  }
  for (const property of ['algorithm', 'usage', 'origin', 'enterpriseProject'] as const) picked(property)
  for (const tag of list.tag) {
    terms.push({
      id: `tag ${tag.key} ${tag.value}`,
      label: `Tag: ${tag.key}${tag.value === undefined ? '' : ` = ${tag.value || '(empty)'}`}`,
      without: { ...list, page: 1, tag: list.tag.filter((one) => one !== tag) },
    })
  }
  return terms
}

function createdWords({ createdFrom, createdTo }: KeyListInput): string {
  const word = propertyWords.created
  if (createdFrom && createdTo) {
    return createdFrom === createdTo
      ? `${word}: ${createdFrom} (UTC)`
      : `${word}: ${createdFrom} to ${createdTo} (UTC)`
  }
  return createdFrom ? `${word}: from ${createdFrom} (UTC)` : `${word}: until ${createdTo} (UTC)`
}

/** One thing the filter box offers. */
export type Suggestion =
  | { id: string; label: string; kind: 'property'; property: Property }
  | { id: string; label: string; kind: 'list'; list: KeyListInput }

/** What the filter box is about to take: nothing yet, a value of a property, or the value of a tag. */
export type Asking = null | { property: Property; tagKey?: string }

/** What to offer for what has been typed; Enter takes the first. */
export function suggestionsFor(
  list: KeyListInput,
  asking: Asking,
  typed: string,
  enterpriseProjects: readonly EnterpriseProjectView[],
): Suggestion[] {
  const text = typed.trim()
  const contains = (label: string) => label.toLowerCase().includes(text.toLowerCase())
  const toList = (id: string, label: string, next: KeyListInput): Suggestion => ({
    id,
    label,
    kind: 'list',
    list: next,
  })
  const picks = (property: ChoiceProperty, prefix: boolean) =>
    choicesOf(property, enterpriseProjects)
      .filter(({ label, value }) => contains(label) || contains(value))
      .map(({ value, label }) =>
        toList(
          `${property}-${value}`,
          prefix ? `${propertyWords[property]}: ${label}` : label,
          withTerm(list, property, value),
        ),
      )

  if (asking) {
    const { property, tagKey } = asking
    if (isChoiceProperty(property)) return picks(property, false)
    if (isTextProperty(property)) {
      return text
        ? [toList('typed', `${propertyWords[property]}: ${text}`, withTerm(list, property, text))]
        : []
    }
    if (property === 'tag') return tagSuggestions(list, tagKey, text, toList)
    return []
  }

  const properties = propertiesFor(enterpriseProjects)
    .filter((property) => contains(propertyWords[property]))
    .map(
      (property): Suggestion => ({
        id: `property-${property}`,
        label: propertyWords[property],
        kind: 'property',
        property,
      }),
    )
  if (!text) return properties
  const values = propertiesFor(enterpriseProjects).filter(isChoiceProperty)
  return [
    toList('keyword', `Keyword: ${text}`, withTerm(list, 'text', text)),
    ...properties,
    ...values.flatMap((property) => picks(property, true)).slice(0, 8),
  ]
}

function tagSuggestions(
  list: KeyListInput,
  tagKey: string | undefined,
  text: string,
  toList: (id: string, label: string, next: KeyListInput) => Suggestion,
): Suggestion[] {
  if (tagKey === undefined) return []
  const any = toList('any', `${tagKey} with any value`, withTag(list, tagKey, undefined))
  return text ? [toList('typed', `${tagKey} = ${text}`, withTag(list, tagKey, text))] : [any]
}
