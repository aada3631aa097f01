import { expect, test } from 'vitest'
import { checkSetUpToken, completeSetUp } from '#lib/kms/access/set-up.ts'
import { openSecret } from '#lib/kms/root-key/sealed-secret.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { type FirstStartSettings, firstStart } from './first-start.ts'
import { cookieOf, freshInstallation, testPublicUrl, testService } from './testing/test-console.ts'

const bare: FirstStartSettings = {
  publicUrl: testPublicUrl,
  adminEmail: undefined,
  adminPassword: undefined,
  adminAccessKey: undefined,
  adminSecretKey: undefined,
  projectId: undefined,
  keyQuota: 7,
  regions: [
    { id: 'north-1', name: 'North' },
    { id: 'south-1', name: 'South' },
  ],
}

const named: FirstStartSettings = {
  ...bare,
  adminEmail: 'Ana@Example.com',
  adminPassword: 'correct horse battery',
  adminAccessKey: 'AK1234567890',
  adminSecretKey: 'a-secret-access-key',
  projectId: '0123456789abcdef0123456789abcdef',
}

const origin = { requestId: 'a request', sourceAddress: '10.0.0.1' }
const passwordHash = 'a hash'

const tokenOf = (link: string | null) => link?.split('#')[1] ?? ''

test('makes account, regions, projects and the administrator of the settings', async () => {
  await using installation = await freshInstallation()
  const { db, rootKey } = installation
  expect(await firstStart(db, rootKey, named)).toEqual({
    setUpLink: null,
    adminEmail: 'ana@example.com',
    created: true,
  })
  await inSystemTransaction(db, 'administration', async (sql) => {
    const projects = await sql.project.findMany({ orderBy: { regionId: 'asc' }, include: { region: true } })
    expect(projects.map(({ region, isDefault, keyQuota }) => [region.name, isDefault, keyQuota])).toEqual([
      ['North', true, 7],
      ['South', true, 7],
    ])
    expect(projects[0]?.id).toBe(named.projectId)
    const accessKey = await sql.accessKey.findUniqueOrThrow({ where: { id: 'AK1234567890' } })
    using secret = openSecret(rootKey, 'access key AK1234567890', accessKey.sealedSecret)
    expect(secret.reveal().toString()).toBe('a-secret-access-key')
    const events = await sql.auditEvent.findMany()
    expect(events.map(({ action, accountId }) => [action, accountId === null]).sort()).toEqual([
      ['addUser', false],
      ['setUp', true],
    ])
    for (const { body } of events) expect(Buffer.from(body).toString()).not.toContain('correct horse')
  })
  const credentials = { email: 'ana@example.com', password: 'correct horse battery' }
  expect(await cookieOf(testService(installation), credentials)).toMatch(/^keystead=/)
})

test('a later start makes nobody and nothing, whatever the settings say', async () => {
  await using installation = await freshInstallation()
  const { db, rootKey } = installation
  await firstStart(db, rootKey, named)
  const again = { ...named, adminEmail: 'eve@example.com', regions: [{ id: 'west-1', name: 'West' }] }
  expect(await firstStart(db, rootKey, again)).toEqual({ setUpLink: null, adminEmail: null, created: false })
  await inSystemTransaction(db, 'administration', async (sql) => {
    expect(await sql.user.count()).toBe(1)
    expect(await sql.region.count()).toBe(2)
  })
})

test('the quota of a later start holds from then on, in every project', async () => {
  await using installation = await freshInstallation()
  const { db, rootKey } = installation
  await firstStart(db, rootKey, named)
  await firstStart(db, rootKey, { ...named, keyQuota: 200 })
  await inSystemTransaction(db, 'administration', async (sql) => {
    const projects = await sql.project.findMany()
    expect(projects.map(({ keyQuota }) => keyQuota)).toEqual([200, 200])
  })
})

test('without an administrator in the settings, each start makes a new link that ends the one before', async () => {
  await using installation = await freshInstallation()
  const { db, rootKey } = installation
  const first = await firstStart(db, rootKey, bare)
  const second = await firstStart(db, rootKey, bare)
  expect([first.created, second.created]).toEqual([true, false])
  expect(second.setUpLink).toMatch(/^http:\/\/127\.0\.0\.1:3000\/set-up#[\w-]{43}$/)
  await expect(checkSetUpToken(db, tokenOf(first.setUpLink))).rejects.toMatchObject({
    code: 'setUpLinkInvalid',
  })
  await checkSetUpToken(db, tokenOf(second.setUpLink))
  const stored = await inSystemTransaction(db, 'administration', (sql) => sql.installation.findMany())
  expect(Buffer.from(stored[0]?.setUpTokenHash ?? []).toString('base64url')).not.toBe(
    tokenOf(second.setUpLink),
  )
})

test('of two uses of the set-up link at once one makes the administrator', async () => {
  await using installation = await freshInstallation()
  const { db, rootKey } = installation
  const token = tokenOf((await firstStart(db, rootKey, bare)).setUpLink)
  const use = (email: string) => completeSetUp(db, rootKey, { token, email, passwordHash }, origin)
  const settled = await Promise.allSettled([use('ana@example.com'), use('eve@example.com')])
  expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const refused = settled.find((one) => one.status === 'rejected')
  expect(refused?.reason).toMatchObject({ code: 'alreadySetUp' })
  expect(await inSystemTransaction(db, 'administration', (sql) => sql.user.count())).toBe(1)
  expect(await firstStart(db, rootKey, bare)).toEqual({ setUpLink: null, adminEmail: null, created: false })
})

test('a set-up link ends after a day', async () => {
  await using installation = await freshInstallation()
  const { db, rootKey } = installation
  const token = tokenOf((await firstStart(db, rootKey, bare)).setUpLink)
  await inSystemTransaction(db, 'administration', async (sql, now) => {
    const { setUpTokenExpiresAt } = await sql.installation.findUniqueOrThrow({ where: { id: 1 } })
    const hours = ((setUpTokenExpiresAt?.getTime() ?? 0) - now.getTime()) / 3_600_000
    expect(hours).toBeCloseTo(24, 1)
    await sql.installation.update({ where: { id: 1 }, data: { setUpTokenExpiresAt: now } })
  })
  const input = { token, email: 'ana@example.com', passwordHash }
  await expect(completeSetUp(db, rootKey, input, origin)).rejects.toMatchObject({ code: 'setUpLinkInvalid' })
})

test('two first starts at once make one account', async () => {
  await using installation = await freshInstallation()
  const { db, rootKey } = installation
  const starts = await Promise.all([firstStart(db, rootKey, named), firstStart(db, rootKey, named)])
  expect(starts.filter(({ created }) => created).length).toBe(1)
  await inSystemTransaction(db, 'administration', async (sql) => {
    expect(await sql.account.count()).toBe(1)
    expect(await sql.user.count()).toBe(1)
  })
})

test.each([
  [
    { adminPassword: 'too short' },
    'KMS_ADMIN_PASSWORD cannot be used: Password must be 12 to 128 characters.',
  ],
  [{ adminAccessKey: 'short' }, 'KMS_ADMIN_ACCESS_KEY must be 8 to 64'],
  [{ adminSecretKey: 'short' }, 'KMS_ADMIN_SECRET_KEY must be 16 to 128'],
  [{ adminEmail: undefined, adminPassword: undefined }, 'set KMS_ADMIN_EMAIL and KMS_ADMIN_PASSWORD too'],
])('settings that cannot be used stop the start: %j', async (change, sentence) => {
  await using installation = await freshInstallation()
  const { db, rootKey } = installation
  await expect(firstStart(db, rootKey, { ...named, ...change })).rejects.toThrow(sentence)
  expect(await inSystemTransaction(db, 'administration', (sql) => sql.account.count())).toBe(0)
})
