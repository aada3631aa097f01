import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { planChangeInput } from './inputs/change.ts'
import { createKeyInput } from './inputs/create-key.ts'
import { keyFilter } from './inputs/key-filter.ts'
import { addUserInput } from './inputs/user.ts'

const projectId = '0123456789abcdef0123456789abcdef'

const newKey = {
  projectId,
  idempotencyKey: randomUUID(),
  name: 'key',
  spec: 'AES_256',
  usage: 'ENCRYPT_DECRYPT',
  origin: 'kms',
}

const problems = (result: { error?: { issues: { path: PropertyKey[] }[] } | undefined }): string[] =>
  (result.error?.issues ?? []).map(({ path }) => path.join('.'))

// Postgres has no text with NUL, and half a surrogate pair would be stored as another character.
const unstorable = ['a\u0000b', 'a\ud83d']

test.each(unstorable)('%j is refused in what a key is made of, at its field', (text) => {
  const input = { ...newKey, name: text, description: text, enterpriseProjectId: text }
  expect(problems(createKeyInput.safeParse(input))).toEqual(['name', 'enterpriseProjectId', 'description'])
  const tagged = { ...newKey, tags: [{ key: text, value: text }] }
  expect(problems(createKeyInput.safeParse(tagged))).toEqual(['tags.0.key', 'tags.0.value'])
})

test('a description may hold emoji and several lines', () => {
  expect(createKeyInput.safeParse({ ...newKey, description: 'one 🔑\ntwo' }).success).toBe(true)
})

test.each(unstorable)('%j is refused in a filter', (text) => {
  const filter = { projectId, text: [text], name: [text], id: [text], enterpriseProject: [text] }
  expect(problems(keyFilter.safeParse(filter))).toEqual(['text.0', 'name.0', 'id.0', 'enterpriseProject.0'])
  const tag = [{ key: text, value: text }]
  expect(problems(keyFilter.safeParse({ projectId, tag }))).toEqual(['tag.0.key', 'tag.0.value'])
})

test.each(['0000-01-01', '1899-12-31', '2200-01-01', '9999-12-31', '2026-02-31'])(
  'no key was created on %s',
  (day) => {
    expect(problems(keyFilter.safeParse({ projectId, createdFrom: day, createdTo: day }))).toEqual([
      'createdFrom',
      'createdTo',
    ])
  },
)

test.each(unstorable)('%j is refused as the id of a key', (text) => {
  const plan = { projectId, operation: 'disable', selection: { ids: [randomUUID(), text] } }
  expect(problems(planChangeInput.safeParse(plan))).toEqual(['selection.ids.1'])
})

test.each([...unstorable, 'a\nb', 'a\u001b[2J', 'eve\u202emoc'])(
  '%j is refused as the name of a user',
  (name) => {
    expect(problems(addUserInput.safeParse({ email: 'eve@example.com', name, roles: [] }))).toEqual(['name'])
  },
)

test('names of users in any script are fine', () => {
  for (const name of ['Ana María', '山田', 'علی\u200cرضا', '👩‍💻'])
    expect(addUserInput.safeParse({ email: 'ana@example.com', name, roles: [] }).success).toBe(true)
})
