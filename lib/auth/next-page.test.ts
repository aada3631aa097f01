import { expect, test } from 'vitest'
import { ownPage, signInAddress } from './next-page.ts'

test.each([
  ['/keys', '/keys'],
  ['/keys?project=0123&page=2', '/keys?project=0123&page=2'],
  ['/changes/1#part', '/changes/1'],
  ['/keys/../sign-out', '/sign-out'],
])('%s is a page of ours', (value, page) => {
  expect(ownPage(value)).toBe(page)
})

test.each([
  null,
  undefined,
  '',
  'keys',
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/.//evil.example',
  '/%2e//evil.example',
  'javascript:alert(1)',
  '/sign-in',
  '/sign-in?next=/keys',
  `/${'x'.repeat(2_000)}`,
])('%j is not', (value) => {
  expect(ownPage(value)).toBeNull()
})

test('the sign-in page leads back', () => {
  expect(signInAddress('/keys?project=1&page=2')).toBe('/sign-in?next=%2Fkeys%3Fproject%3D1%26page%3D2')
  expect(signInAddress('/keys')).toBe('/sign-in')
  expect(signInAddress('//evil.example')).toBe('/sign-in')
  expect(signInAddress(null)).toBe('/sign-in')
})
