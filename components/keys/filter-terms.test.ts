import { describe, expect, test } from 'vitest'
import { type KeyListInput, keyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import { suggestionsFor, termsOf, withCreated, withTag, withTerm } from './filter-terms.ts'

const list: KeyListInput = keyListInput.parse({ projectId: '0'.repeat(32), page: 4 })
const projects = [
  { id: '0', name: 'default' },
  { id: 'p1', name: 'payments' },
]

const labels = (typed: string, asking: Parameters<typeof suggestionsFor>[1] = null) =>
  suggestionsFor(list, asking, typed, projects).map(({ label }) => label)

describe('the filter box', () => {
  test('offers the properties, the enterprise project only when there is a choice', () => {
    expect(labels('')).toContain('Enterprise Project')
    expect(suggestionsFor(list, null, '', projects.slice(0, 1)).map(({ label }) => label)).not.toContain(
      'Enterprise Project',
    )
  })

  test('offers what was typed as a keyword first, then properties and values that fit', () => {
    expect(labels('dis')).toEqual(['Keyword: dis', 'Status: Disabled'])
    expect(labels('status')[1]).toBe('Status')
  })

  test('offers the values of a property', () => {
    expect(labels('', { property: 'status' })).toEqual([
      'Enabled',
      'Disabled',
      'Pending deletion',
      'Pending import',
    ])
    expect(labels('rsa', { property: 'algorithm' })).toEqual(['RSA_2048', 'RSA_3072', 'RSA_4096'])
  })

  test('a tag takes its key, then a value or any', () => {
    expect(labels('', { property: 'tag', tagKey: 'env' })).toEqual(['env with any value'])
    expect(labels('prod', { property: 'tag', tagKey: 'env' })).toEqual(['env = prod'])
  })
})

describe('the chips', () => {
  test('name each condition, go back to page 1, and can be taken away one by one', () => {
    let next = withTerm(list, 'status', '2')
    next = withTerm(next, 'status', '5')
    next = withTerm(next, 'name', 'pay')
    next = withTag(next, 'env', 'prod')
    next = withCreated(next, '2026-01-01', null)
    next = withTerm(next, 'enterpriseProject', 'p1')
    expect(next.page).toBe(1)
    const terms = termsOf(next, projects)
    expect(terms.map(({ label }) => label)).toEqual([
      'Name: pay',
      'Status: Enabled or Pending import',
      'Created: from 2026-01-01 (UTC)',
      'Enterprise Project: payments',
      'Tag: env = prod',
    ])
    expect(terms[1]?.without.status).toEqual([])
    expect(terms[2]?.without).not.toHaveProperty('createdFrom')
    expect(terms[4]?.without.tag).toEqual([])
  })
})
