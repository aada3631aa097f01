import { expect, test } from 'vitest'
import { inProject, routes } from './routes.ts'

const project = 'a'.repeat(32)

test('addresses carry the project and what they are given, escaped', () => {
  expect(routes.keys(project)).toBe(`/keys?project=${project}`)
  expect(routes.keys(project, { tab: 'default', name: 'a&b', empty: '' })).toBe(
    `/keys?project=${project}&tab=default&name=a%26b`,
  )
  expect(routes.change(project, 'a/b')).toBe(`/changes/a%2Fb?project=${project}`)
})

test('choosing another project stays on the page, unless the page is about things of the old one', () => {
  expect(inProject('/keys', project)).toBe(`/keys?project=${project}`)
  expect(inProject('/keys/create', project)).toBe(`/keys/create?project=${project}`)
  expect(inProject('/changes/1', project)).toBe(`/keys?project=${project}`)
  expect(inProject('/keys/delete/1', project)).toBe(`/keys?project=${project}`)
})
