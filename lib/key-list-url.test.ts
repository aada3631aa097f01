import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { filterOf, isFiltered, keyFilterQuery, keyListHref, readKeyListUrl } from './key-list-url.ts'
import { keyListInput } from './kms/model/inputs/key-filter.ts'

const projectId = '0123456789abcdef0123456789abcdef'

function read(query: string) {
  return readKeyListUrl(new URLSearchParams(query), projectId)
}

describe('the key list as an address', () => {
  test('an empty address asks for the newest custom keys', () => {
    expect(read('')).toEqual(keyListInput.parse({ projectId }))
  })

  test('reads every property', () => {
    const query =
      'q=pay&q=db&name=a_b&id=0b2c&status=enabled&status=pending-import&algorithm=AES_256&usage=sign-verify' +
      '&origin=external&enterprise-project=0&created-from=2026-01-01&created-to=2026-01-31&tag=env%3Dprod&tag=team' +
      '&sort=name&direction=asc&page=3&page-size=50&tab=default'
    expect(read(query)).toEqual({
      projectId,
      defaultKeys: true,
      text: ['pay', 'db'],
      name: ['a_b'],
      id: ['0b2c'],
      status: ['2', '5'],
      algorithm: ['AES_256'],
      usage: ['SIGN_VERIFY'],
      origin: ['external'],
      enterpriseProject: ['0'],
      createdFrom: '2026-01-01',
      createdTo: '2026-01-31',
      tag: [{ key: 'env', value: 'prod' }, { key: 'team' }],
      sort: 'name',
      direction: 'asc',
      page: 3,
      pageSize: 50,
    })
  })

  test.each([
    ['page=0'],
    ['page=-1'],
    ['page=1e3'],
    ['page=99999999999999999999'],
    ['page-size=21'],
    ['sort=revision'],
    ['direction=up'],
    ['tab=dedicated'],
    ['status=frozen'],
    ['algorithm=constructor'],
    ['created-from=2026-02-31'],
    ['created-from=yesterday'],
    ['tag=%25E0%25A4%25A'],
    ['tag=%3Dvalue'],
    ['q='],
    [`q=${'x'.repeat(256)}`],
    ['name=%00'],
  ])('falls back where nothing can be understood: %s', (query) => {
    expect(read(query)).toEqual(keyListInput.parse({ projectId }))
  })

  test('leaves out the value that does not parse and keeps the others', () => {
    expect(read('status=frozen&status=enabled&status=enabled').status).toEqual(['2'])
  })

  test('a tag with = and & in its parts survives the way there and back', () => {
    const tag = [{ key: 'a=b&c', value: 'ü=100%' }]
    const href = keyListHref({ projectId, tag })
    expect(read(href.slice(href.indexOf('?'))).tag).toEqual(tag)
  })

  test('whatever stands in the address, the verb accepts what is read from it', () => {
    const names = ['q', 'name', 'id', 'status', 'tag', 'page', 'page-size', 'created-from', 'sort', 'usage']
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer().map(String), fc.constant('%'))
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...names), value)), (pairs) => {
        const list = readKeyListUrl(new URLSearchParams(pairs), projectId)
        const parsed = keyListInput.safeParse(list)
        expect(parsed.error).toBeUndefined()
        const href = keyListHref(list)
        expect(read(href.slice(href.indexOf('?')))).toEqual(list)
      }),
    )
  })

  test('order and page are no part of the filter', () => {
    const list = read('status=enabled&sort=name&page=2&page-size=100')
    expect(keyFilterQuery(list)).toBe(`?project=${projectId}&status=enabled`)
    expect(filterOf(list)).not.toHaveProperty('page')
    expect(isFiltered(list)).toBe(true)
    expect(isFiltered(read('sort=name&page=2&tab=default'))).toBe(false)
  })

  test('an address says only what differs from the default', () => {
    expect(keyListHref(read(''))).toBe(`/keys?project=${projectId}`)
  })
})
