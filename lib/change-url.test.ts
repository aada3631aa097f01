import { expect, test } from 'vitest'
import { readItemQuestion, withItemQuestion } from './change-url.ts'

test('an address says again what was put into it', () => {
  for (const question of [
    { page: 1, pageSize: 100 },
    { page: 7, pageSize: 20, outcome: 'failed' as const },
  ]) {
    const address = withItemQuestion('/changes/1?project=p', question)
    expect(readItemQuestion(new URLSearchParams(address.split('?')[1]))).toEqual(question)
  }
})

test('what the address held besides stays, an earlier question goes', () => {
  const address = '/changes/1?project=p&page=2&outcome=done'
  expect(withItemQuestion(address, { page: 1, pageSize: 100 })).toBe('/changes/1?project=p')
})

test.each([
  {},
  { page: '0', 'page-size': '7', outcome: 'lost' },
  { page: '-1', 'page-size': '1e1' },
  { page: '1.5', outcome: ['', 'done'] },
  { page: '99999999999' },
])('%j falls back to the first page of all', (search) => {
  const { page, outcome } = readItemQuestion(search)
  expect({ page, outcome }).toEqual({ page: 1, outcome: undefined })
})
