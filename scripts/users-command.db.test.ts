import { randomUUID } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { findAccessKey } from '#lib/kms/access/find-access-key.ts'
import { listUsers } from '#lib/kms/access/list-users.ts'
import { readLink } from '#lib/kms/access/use-link.ts'
import { type TestWorld, testWorld } from '#lib/kms/testing/test-world.ts'
import { runUsersCommand } from './users-command.ts'

const worldHere = () => testWorld(inject('databaseUrl'))

const run = (world: TestWorld, ...args: string[]) => {
  const actor = { kind: 'system', id: 'administration', name: 'Command line' } as const
  return runUsersCommand({ ...world.ctx, actor, sourceAddress: null }, args, 'https://kms.example.com')
}

const newEmail = () => `${randomUUID()}@example.test`

const userOf = async (world: TestWorld, email: string) =>
  (await listUsers(world.ctx)).find((user) => user.email === email)

test('adds a user and prints a link that works', async () => {
  await using world = await worldHere()
  const email = newEmail()
  const lines = await run(world, 'add', email.toUpperCase(), '--role', 'kms cmkfullaccess', '--name', 'Bo')
  const token = /https:\/\/kms\.example\.com\/link#(\S+)/.exec(lines.join('\n'))?.[1] ?? ''
  expect(await readLink(world.db, token)).toEqual({ email })
  expect(await userOf(world, email)).toMatchObject({
    name: 'Bo',
    roles: [{ role: 'KMS CMKFullAccess', projectId: null }],
  })
})

test('changes roles, suspends, resumes, makes a link and lists', async () => {
  await using world = await worldHere()
  const email = newEmail()
  await run(world, 'add', email, '--none')
  await run(world, 'role', email, '--role', 'KMS CMKReadOnlyAccess', '--project', world.projectId)
  expect((await userOf(world, email))?.roles).toEqual([
    { role: 'KMS CMKReadOnlyAccess', projectId: world.projectId },
  ])
  await run(world, 'suspend', email)
  expect((await userOf(world, email))?.status).toBe('suspended')
  await run(world, 'resume', email)
  expect((await run(world, 'link', email)).join('\n')).toContain('https://kms.example.com/link#')
  expect(await run(world, 'list')).toContain(
    `${email}  ${email.split('@')[0]}  active  KMS CMKReadOnlyAccess (${world.projectId})`,
  )
})

test('makes two access keys at most, and deletes one', async () => {
  await using world = await worldHere()
  const email = newEmail()
  await run(world, 'add', email, '--none')
  const make = async () => {
    const [, id = '', secret = ''] =
      /access key {2}([A-Z0-9]{20})\n.*secret key {2}([A-Z0-9]{40})$/s.exec(
        (await run(world, 'key', email)).join('\n'),
      ) ?? []
    return { id, secret }
  }
  const [first, second] = [await make(), await make()]
  await expect(run(world, 'key', email)).rejects.toThrow(`${first.id}, ${second.id}`)
  const found = await findAccessKey(world, first.id)
  expect(found.secret.export().toString()).toBe(first.secret)
  await run(world, 'key', email, '--delete', first.id)
  expect((await findAccessKey(world, first.id)).user).toBeNull()
  await expect(run(world, 'key', email, '--delete', first.id)).rejects.toThrow('no such access key')
})

test.each([
  [[], 'npm run users -- add'],
  [['dance'], 'npm run users -- add'],
  [['add', 'a@example.com', 'a password'], 'npm run users -- add'],
  [['add'], 'Say which user'],
  [['add', 'a@example.com'], 'Say what the user may do'],
  [['add', 'a@example.com', '--role', 'King'], 'There is no role "King"'],
  [['add', 'not an email', '--none'], 'Enter an email address'],
  [['add', 'a@example.com', '--none', '--password', 'x'], "Unknown option '--password'"],
  [['role', 'nobody@example.com', '--none'], 'There is no user nobody@example.com.'],
])('refuses %j in words', async (args, words) => {
  await using world = await worldHere()
  await expect(run(world, ...args)).rejects.toThrow(words)
})
