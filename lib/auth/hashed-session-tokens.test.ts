import type { DBAdapter } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { beforeEach, expect, test } from 'vitest'
import { hashToken } from './hash-token.ts'
import { hashedSessionTokens } from './hashed-session-tokens.ts'

type Session = { id: string; token: string; userId: string }

let tables: { session: Session[]; user: { id: string; token?: string }[] }
let adapter: DBAdapter

beforeEach(() => {
  tables = { session: [], user: [] }
  adapter = hashedSessionTokens(memoryAdapter(tables)({}))
})

const byToken = (value: string) => [{ field: 'token', value }]

async function open(token: string): Promise<Session> {
  const now = new Date()
  const data = { token, userId: 'u', expiresAt: now, createdAt: now, updatedAt: now }
  return adapter.create({ model: 'session', data })
}

test('a session is written with the hash and returned with the token', async () => {
  expect((await open('raw')).token).toBe('raw')
  expect(tables.session[0]?.token).toBe(hashToken('raw'))
})

test('a session is found, changed and deleted by its token', async () => {
  await open('raw')
  expect(await adapter.findOne({ model: 'session', where: byToken('raw') })).toMatchObject({ token: 'raw' })
  const update = { userId: 'v' }
  expect(await adapter.update({ model: 'session', where: byToken('raw'), update })).toMatchObject({
    token: 'raw',
    userId: 'v',
  })
  expect(await adapter.count({ model: 'session', where: byToken('raw') })).toBe(1)
  await adapter.delete({ model: 'session', where: byToken('raw') })
  expect(tables.session).toEqual([])
})

test('what is stored finds nothing', async () => {
  await open('raw')
  expect(await adapter.findOne({ model: 'session', where: byToken(hashToken('raw')) })).toBeNull()
})

test('sessions found otherwise carry the hash', async () => {
  await open('raw')
  const found = await adapter.findMany<Session>({
    model: 'session',
    where: [{ field: 'userId', value: 'u' }],
  })
  expect(found.map(({ token }) => token)).toEqual([hashToken('raw')])
})

test('several are found by their tokens', async () => {
  await open('one')
  await open('two')
  const where = [{ field: 'token', operator: 'in' as const, value: ['one', 'two', 'three'] }]
  expect(await adapter.findMany({ model: 'session', where })).toHaveLength(2)
})

test('a token that is changed is hashed too', async () => {
  await open('raw')
  await adapter.update({ model: 'session', where: byToken('raw'), update: { token: 'next' } })
  expect(tables.session[0]?.token).toBe(hashToken('next'))
})
