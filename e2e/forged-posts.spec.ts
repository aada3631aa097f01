import type { Request } from '@playwright/test'
import { Client } from 'pg'
import { readChange } from '#lib/kms/changes/read-change.ts'
import { openMaterial } from '#lib/kms/crypto/sealed-material.ts'
import { openAccountKey } from '#lib/kms/root-key/account-key.ts'
import { findSecrets, secretParts } from '#lib/kms/testing/find-secrets.ts'
import type { Superuser } from '#lib/kms/testing/superuser.ts'
import { dumpAccount } from '#lib/kms/testing/tables.ts'
import { type TestWorld, testWorld } from '#lib/kms/testing/test-world.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { expect, test } from './fixtures.ts'

/** Everything of the account that must never reach a page: account key and key material, opened. */
async function secretsOf(world: TestWorld): Promise<Buffer[]> {
  const { accountId, rootKey } = world
  return inTransaction(world.ctx, async (tx) => {
    const account = await tx.sql.account.findUniqueOrThrow({ where: { id: accountId } })
    using accountKey = openAccountKey(rootKey, accountId, account.sealedKey)
    const versions = await tx.sql.materialVersion.findMany({ include: { set: true } })
    const material = versions.flatMap((row) => {
      if (!row.sealed) return []
      const place = { accountId, setId: row.setId, version: row.version, spec: row.set.spec as 'AES_256' }
      using opened = openMaterial(accountKey, place, row.sealed)
      return secretParts(Buffer.from(opened.reveal()))
    })
    return [Buffer.from(accountKey.reveal()), ...material]
  })
}

test('no page, payload or address holds a byte of what is secret', async ({
  page,
  signInAs,
  world,
  makeKey,
}) => {
  await makeKey({ name: 'orders' })
  await makeKey({ name: 'signing', spec: 'EC_P256', usage: 'SIGN_VERIFY' })
  const secrets = await secretsOf(world)
  expect(secrets.length).toBeGreaterThan(3)
  await signInAs()
  const seen: Promise<Buffer | string>[] = []
  page.on('response', (response) => {
    seen.push(Promise.resolve(response.url()))
    if (response.request().resourceType() !== 'script') seen.push(response.body().catch(() => ''))
  })
  await page.goto('/keys')
  await page
    .getByRole('checkbox', { name: /select all/i })
    .first()
    .check()
  await page
    .getByRole('toolbar', { name: 'Selected keys' })
    .getByRole('button', { name: /^Disable/ })
    .click()
  await page.getByRole('checkbox', { name: 'I understand the impact of disabling keys' }).check()
  await page.getByRole('button', { name: 'OK', exact: true }).click()
  await expect(page.getByText('2 keys disabled')).toBeVisible()
  await page.goto('/keys/create')
  await expect(page.getByRole('button', { name: 'OK', exact: true })).toBeVisible()
  const answers = await Promise.all(seen)
  expect(answers.length).toBeGreaterThan(6)
  for (const answer of answers) expect(findSecrets(answer, secrets)).toEqual([])
})

test("another account's key in a forged post looks like no key, and its account stays as it is", async ({
  page,
  signInAs,
  world,
  makeKey,
  product,
}) => {
  await using twin = await testWorld(product.databaseUrl, { rootKey: world.rootKey, connections: 2 })
  const foreign = await twin.makeKey({ name: 'foreign' })
  const own = await makeKey({ name: 'own' })
  const user = await signInAs()
  const before = await accountText(product.databaseUrl, twin.accountId)
  await page.goto('/keys')
  const row = page.getByRole('row', { name: /own/ })
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.method() === 'POST' && (sent.postData() ?? '').includes(own.id)),
    row.getByRole('button', { name: 'Disable' }).click(),
  ])
  const answer = await page.request.post(request.url(), {
    headers: await headersOf(request),
    data: (request.postData() ?? '').replaceAll(own.id, foreign.id),
  })
  const text = await answer.text()
  expect(text).toContain('No such key.')
  expect(text).not.toContain('foreign')
  const planned = await inTransaction(world.ctx, (tx) =>
    tx.sql.changeItem.findFirstOrThrow({ where: { keyId: foreign.id } }),
  )
  const change = await readChange(user.ctx, { changeId: planned.changeId })
  expect(change.items).toMatchObject([{ keyName: null, outcome: 'skipped', reasonCode: 'keyNotFound' }])
  expect(await accountText(product.databaseUrl, twin.accountId)).toBe(before)
})

test('a post from another origin, or from none, is refused', async ({ page, signInAs, world, makeKey }) => {
  const key = await makeKey({ name: 'own' })
  await signInAs()
  await page.goto('/keys')
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.method() === 'POST' && (sent.postData() ?? '').includes(key.id)),
    page.getByRole('row', { name: /own/ }).getByRole('button', { name: 'Disable' }).click(),
  ])
  const changes = () => inTransaction(world.ctx, (tx) => tx.sql.change.count())
  await expect.poll(changes).toBe(1)
  for (const origin of ['http://evil.example', 'null', undefined]) {
    const headers = await headersOf(request)
    if (origin === undefined) delete headers.origin
    else headers.origin = origin
    await page.request.post(request.url(), { headers, data: request.postData() ?? '' })
    expect(await changes()).toBe(1)
  }
})

/** Every row of the account, read by the owner of the database, whom no policy stops. */
async function accountText(databaseUrl: string, accountId: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await using owner: Superuser = {
    run: async (sql, values = []) => (await client.query(sql, values)).rows,
    [Symbol.asyncDispose]: () => client.end(),
  }
  return JSON.stringify(await dumpAccount(owner, accountId))
}

async function headersOf(request: Request): Promise<Record<string, string>> {
  const headers = await request.allHeaders()
  for (const name of Object.keys(headers)) {
    if (name.startsWith(':') || name === 'content-length') delete headers[name]
  }
  return headers
}
