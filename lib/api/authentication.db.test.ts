import { createHash } from 'node:crypto'
import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js'
import { ClientBuilder } from '@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js'
import type { HcClient } from '@huaweicloud/huaweicloud-sdk-core/HcClient.js'
import { Region } from '@huaweicloud/huaweicloud-sdk-core/region/region.js'
import { expect, test } from 'vitest'
import { givePassword, newAddress } from '#lib/auth/testing/test-console.ts'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { changeRoles } from '#lib/kms/access/change-roles.ts'
import { deleteAccessKey } from '#lib/kms/access/delete-access-key.ts'
import { makeAccessKey } from '#lib/kms/access/make-access-key.ts'
import { makeLink } from '#lib/kms/access/make-link.ts'
import { suspendUser } from '#lib/kms/access/suspend-user.ts'
import { useLink as setPassword } from '#lib/kms/access/use-link.ts'
import { openChain } from '#lib/kms/audit/open-chain.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { principalOf } from '#lib/kms/operations/find-grant.ts'
import { countedAttempts, pauseAttempts } from '#lib/kms/testing/pause-attempts.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { RateLimits } from './rate-limits.ts'
import { codeIn } from './testing/calls.ts'
import { type Sent, send, sendSigned } from './testing/signed-request.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

const listKeys = (projectId: string) => ({
  method: 'POST',
  url: `/v1.0/${projectId}/kms/list-keys`,
  body: '{}',
})

const refusal = ({ status, body }: Sent) => `${status} ${codeIn(body)}`

/** Without what differs from answer to answer. */
const anonymous = ({ body }: Sent) => body.replace(/[0-9a-f]{32}/g, '')

test('an unknown key and a wrong secret get the same answer', async () => {
  await using endpoint = await testEndpoint()
  const request = listKeys(endpoint.world.projectId)
  const { id, secret } = endpoint.credentials
  const unknown = await sendSigned(endpoint.url, { id: 'AKUNKNOWN', secret }, request)
  const wrong = await sendSigned(endpoint.url, { id, secret: `${secret}x` }, request)
  const old = await sendSigned(endpoint.url, { id: 'AKUNKNOWN', secret }, { ...request, at: new Date(0) })
  expect(refusal(unknown)).toBe('401 APIGW.0301')
  expect(new Set([unknown, wrong, old].map(anonymous)).size).toBe(1)
})

test('an old signature, and one from the future, are refused', async () => {
  await using endpoint = await testEndpoint()
  const request = listKeys(endpoint.world.projectId)
  const sent = async (minutes: number) =>
    sendSigned(endpoint.url, endpoint.credentials, {
      ...request,
      at: new Date(Date.now() + minutes * 60_000),
    })
  for (const minutes of [-14, 14]) expect((await sent(minutes)).status).toBe(200)
  for (const minutes of [-16, 16]) {
    const answer = await sent(minutes)
    expect(refusal(answer)).toBe('401 APIGW.0301')
    expect(answer.body).toContain('15 minutes')
  }
})

test('a project of another account is not the caller’s, and neither is one that does not exist', async () => {
  await using endpoint = await testEndpoint()
  await using other = await testEndpoint()
  for (const projectId of [other.world.projectId, '0'.repeat(32), 'x'])
    expect(refusal(await sendSigned(endpoint.url, endpoint.credentials, listKeys(projectId)))).toBe(
      '403 KMS.0321',
    )
  const own = await sendSigned(endpoint.url, endpoint.credentials, listKeys(endpoint.world.otherProjectId))
  expect(own.status).toBe(200)
})

test('a user has two access keys at most; a deleted one signs nothing more', async () => {
  await using endpoint = await testEndpoint()
  const { world } = endpoint
  const request = listKeys(world.projectId)
  const userId = world.ctx.actor.id
  const second = await makeAccessKey(world.ctx, { userId })
  await expect(makeAccessKey(world.ctx, { userId })).rejects.toMatchObject({ code: 'accessKeysTooMany' })
  expect((await sendSigned(endpoint.url, second, request)).status).toBe(200)
  await deleteAccessKey(world.ctx, { userId, accessKeyId: second.id })
  expect(refusal(await sendSigned(endpoint.url, second, request))).toBe('401 APIGW.0301')
  expect((await sendSigned(endpoint.url, endpoint.credentials, request)).status).toBe(200)
  const gone = deleteAccessKey(world.ctx, { userId, accessKeyId: second.id })
  await expect(gone).rejects.toMatchObject({ code: 'accessKeyNotFound' })
})

test('a suspended user signs nothing', async () => {
  await using endpoint = await testEndpoint()
  const { world } = endpoint
  const user = await world.userWith(['KMS CMKFullAccess'])
  const pair = await makeAccessKey(world.ctx, { userId: user.actor.id })
  expect((await sendSigned(endpoint.url, pair, listKeys(world.projectId))).status).toBe(200)
  await suspendUser(world.ctx, { userId: user.actor.id })
  expect(refusal(await sendSigned(endpoint.url, pair, listKeys(world.projectId)))).toBe('401 APIGW.0301')
})

test('secrets are not in the database', async () => {
  await using endpoint = await testEndpoint()
  const { world, credentials } = endpoint
  const stored = await inSystemTransaction(world.db, 'administration', (sql) =>
    sql.accessKey.findUniqueOrThrow({ where: { id: credentials.id } }),
  )
  expect(Buffer.from(stored.sealedSecret).includes(credentials.secret)).toBe(false)
})

test('who calls too often is turned away, others are not', async () => {
  const once = { perUser: 1, together: 100 }
  const rates = new RateLimits({ general: once, 'life-cycle': once, 'data-key': once, sign: once }, () => 0)
  await using endpoint = await testEndpoint({ rates })
  const { world } = endpoint
  const other = await makeAccessKey(world.ctx, { userId: (await world.userWith([])).actor.id })
  const request = listKeys(world.projectId)
  expect((await sendSigned(endpoint.url, endpoint.credentials, request)).status).toBe(200)
  const turnedAway = await sendSigned(endpoint.url, endpoint.credentials, request)
  expect(refusal(turnedAway)).toBe('429 APIGW.0308')
  expect(turnedAway.headers.get('retry-after')).toBe('1')
  expect(refusal(await sendSigned(endpoint.url, other, request))).toBe('403 KMS.0307')
})

// ── Tokens ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Asked = { email: string; password: string; project?: object; domain?: object }

function askToken(endpoint: TestEndpoint, { email, password, project, domain }: Asked): Promise<Sent> {
  const user = { name: email, password, ...(domain ? { domain } : {}) }
  const scope = { project: project ?? { id: endpoint.world.projectId } }
  const body = { auth: { identity: { methods: ['password'], password: { user } }, scope } }
  const request = { method: 'POST', url: '/v3/auth/tokens', body: JSON.stringify(body) }
  return send(endpoint.url, request, { 'content-type': 'application/json' })
}

async function tokenOf(endpoint: TestEndpoint, asked: Asked): Promise<string> {
  const answer = await askToken(endpoint, asked)
  expect(answer.status).toBe(201)
  return answer.headers.get('x-subject-token') ?? ''
}

const withToken = (endpoint: TestEndpoint, token: string, projectId = endpoint.world.projectId) =>
  send(endpoint.url, listKeys(projectId), { 'x-auth-token': token, 'content-type': 'application/json' })

async function userWithPassword(
  endpoint: TestEndpoint,
): Promise<{ ctx: KmsContext; email: string; password: string }> {
  const ctx = await endpoint.world.userWith(['KMS CMKFullAccess'])
  return { ctx, ...(await givePassword(endpoint.world, ctx.actor.id)) }
}

test('a password gives a token for one project and 24 hours', async () => {
  await using endpoint = await testEndpoint()
  const { world } = endpoint
  const user = await userWithPassword(endpoint)
  const answer = await askToken(endpoint, {
    ...user,
    project: { name: 'region-1' },
    domain: { name: 'test' },
  })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const { token } = JSON.parse(answer.body) as { token: Record<string, string> }
  expect(token).toMatchObject({
    methods: ['password'],
    user: { id: principalOf(user.ctx.actor.id) },
    project: { id: world.projectId, name: 'region-1' },
    catalog: [{ type: 'kms', endpoints: [{ url: `http://kms.test/v1.0/${world.projectId}` }] }],
  })
  expect(Date.parse(token.expires_at ?? '') - Date.parse(token.issued_at ?? '')).toBe(24 * 3_600_000)
  const secret = answer.headers.get('x-subject-token') ?? ''
  expect((await withToken(endpoint, secret)).status).toBe(200)
  expect(refusal(await withToken(endpoint, secret, world.otherProjectId))).toBe('403 KMS.0321')
  const [stored] = await inSystemTransaction(world.db, 'sign-in', (sql) =>
    sql.accessToken.findMany({ where: { userId: user.ctx.actor.id } }),
  )
  expect(Buffer.from(stored?.tokenHash ?? []).toString('hex')).toBe(
    createHash('sha256').update(secret).digest('hex'),
  )
})

test('a token that is none, or has expired, is refused', async () => {
  await using endpoint = await testEndpoint()
  const user = await userWithPassword(endpoint)
  const token = await tokenOf(endpoint, user)
  for (const wrong of ['x', `${token}x`, token.slice(1)])
    expect(refusal(await withToken(endpoint, wrong))).toBe('401 APIGW.0301')
  await inSystemTransaction(endpoint.world.db, 'sign-in', (sql, now) =>
    sql.accessToken.updateMany({ where: { userId: user.ctx.actor.id }, data: { expiresAt: now } }),
  )
  expect(refusal(await withToken(endpoint, token))).toBe('401 APIGW.0301')
})

test('another password, suspension and other roles end tokens', async () => {
  await using endpoint = await testEndpoint()
  const { world } = endpoint
  const ends: ((userId: string) => Promise<unknown>)[] = [
    async (userId) => {
      const { token } = await makeLink(world.ctx, { userId })
      const origin = { requestId: 'x', sourceAddress: null }
      await setPassword(world.db, world.rootKey, { token, passwordHash: 'another' }, origin)
    },
    (userId) => suspendUser(world.ctx, { userId }),
    (userId) => changeRoles(world.ctx, { userId, roles: [{ role: 'KMS Administrator', projectId: null }] }),
  ]
  for (const end of ends) {
    const user = await userWithPassword(endpoint)
    const token = await tokenOf(endpoint, user)
    expect((await withToken(endpoint, token)).status).toBe(200)
    await end(user.ctx.actor.id)
    expect(refusal(await withToken(endpoint, token))).toBe('401 APIGW.0301')
  }
})

test('a wrong password, an unknown email, a suspended user and another account get the same answer', async () => {
  await using database = await freshDatabase()
  await using endpoint = await testEndpoint({ connectionString: database.connectionString })
  const { db, rootKey } = endpoint.world
  // What is tried for nobody is recorded in the chain of the installation.
  await inSystemTransaction(db, 'administration', (sql) => openChain(sql, rootKey, null))
  const user = await userWithPassword(endpoint)
  const suspended = await userWithPassword(endpoint)
  await suspendUser(endpoint.world.ctx, { userId: suspended.ctx.actor.id })
  const answers = [
    await askToken(endpoint, { ...user, password: 'wrong horse battery' }),
    await askToken(endpoint, { ...user, email: `${newAddress()}@example.test` }),
    await askToken(endpoint, { ...user, email: 'no email' }),
    await askToken(endpoint, suspended),
    await askToken(endpoint, { ...user, domain: { name: 'another' } }),
  ]
  expect(new Set(answers.map(refusal))).toEqual(new Set(['401 Keystead.0011']))
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
})

test('both doors count failures together', async () => {
  await using endpoint = await testEndpoint()
  const user = await userWithPassword(endpoint)
  for (let i = 0; i < 5; i++) await askToken(endpoint, { ...user, password: 'wrong horse battery' })
  expect(await countedAttempts(endpoint.world.db, user.email)).toBe(5)
  await pauseAttempts(endpoint.world.db, user.email)
  const answer = await askToken(endpoint, user)
  expect(refusal(answer)).toBe('429 Keystead.0010')
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('who signs in with a second factor gets no token for a password alone', async () => {
  await using endpoint = await testEndpoint()
  const user = await userWithPassword(endpoint)
  await inSystemTransaction(endpoint.world.db, 'administration', (sql) =>
    sql.user.update({ where: { id: user.ctx.actor.id }, data: { twoFactorEnabled: true } }),
  )
  expect(refusal(await askToken(endpoint, user))).toBe('401 Keystead.0024')
})

test('a token is for a project of the account', async () => {
  await using endpoint = await testEndpoint()
  await using other = await testEndpoint()
  const user = await userWithPassword(endpoint)
  expect(refusal(await askToken(endpoint, { ...user, project: { id: other.world.projectId } }))).toBe(
    '403 KMS.0321',
  )
  expect(refusal(await askToken(endpoint, { ...user, project: {} }))).toBe('400 KMS.0308')
})

// ── What clients look up first ─────────────────────────────────────────────────────────────────────────────────────

test('the product’s client finds its project by the region', async () => {
  await using endpoint = await testEndpoint()
  const { id, secret, projectId } = endpoint.credentials
  const client = new ClientBuilder((built: HcClient) => built)
    .withCredential(new BasicCredentials().withAk(id).withSk(secret).withIamEndpoint(endpoint.url))
    .withRegion(new Region('region-1', [endpoint.url]))
    .withOptions({ customUserAgent: 'keystead-tests' })
    .build() as HcClient
  const { quotas } = (await client.sendRequest({
    method: 'GET',
    url: '/v1.0/{project_id}/kms/user-quotas',
    contentType: 'application/json',
    queryParams: {},
    pathParams: {},
    headers: {},
    data: {},
  })) as { quotas: object }
  expect(quotas).toBeDefined()
  const domains = await endpoint.client.call({ method: 'GET', url: '/v3/auth/domains' })
  expect(domains.domains).toEqual([expect.objectContaining({ name: 'test', enabled: true })])
  const projects = await endpoint.client.call({
    method: 'GET',
    url: '/v3/projects',
    query: { name: 'region-1' },
  })
  expect(projects.projects).toEqual([expect.objectContaining({ id: projectId, name: 'region-1' })])
  const catalog = await endpoint.client.call({ method: 'GET', url: '/v3/auth/catalog' })
  expect(catalog.catalog).toEqual([expect.objectContaining({ type: 'kms' })])
  const regions = await endpoint.client.call({ method: 'GET', url: '/v3/regions' })
  expect(regions.regions).toHaveLength(2)
})

test('the look-ups need a caller', async () => {
  await using endpoint = await testEndpoint()
  for (const path of ['/v3/projects', '/v3/auth/domains', '/v3/auth/catalog'])
    expect(refusal(await send(endpoint.url, { method: 'GET', url: path }, {}))).toBe('401 APIGW.0301')
})

test('the versions are told to everyone', async () => {
  await using endpoint = await testEndpoint()
  const read = async (url: string) => JSON.parse((await send(endpoint.url, { method: 'GET', url }, {})).body)
  const { versions } = (await read('/')) as { versions: object[] }
  expect(versions).toEqual([
    expect.objectContaining({ id: 'v1.0', status: 'CURRENT', version: '', min_version: '' }),
  ])
  expect(await read('/v1.0')).toEqual({ version: versions[0] })
  expect(await read('/v1.0/')).toEqual({ version: versions[0] })
  expect(refusal(await send(endpoint.url, { method: 'GET', url: '/v9' }, {}))).toBe('404 KMS.0201')
})
