import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { givePassword } from '#lib/auth/testing/test-console.ts'
import { type FreshDatabase, freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { findSecrets } from '#lib/kms/testing/find-secrets.ts'
import { superuser } from '#lib/kms/testing/superuser.ts'
import { openLog } from '#lib/log.ts'
import { EndpointMetrics } from './metrics.ts'
import { operations } from './operations/index.ts'
import { RawClient } from './testing/raw-client.ts'
import { type Sent, send, signedHeaders } from './testing/signed-request.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

const metricsToken = 'a-token-of-the-operator-0123456789'

/** Everything that was sent or answered in confidence, in this test. */
const secrets: Buffer[] = []

function secret(text = randomBytes(24).toString('base64url')): string {
  secrets.push(Buffer.from(text))
  return text
}

/** What was logged in this test. */
const lines: string[] = []
const entries = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line))
const everything = new Writable({
  write: (chunk: Buffer, _encoding, done) => {
    lines.push(chunk.toString())
    done()
  },
})
const json = { 'content-type': 'application/json' }
const metrics = new EndpointMetrics({ process: 1 })

let database: FreshDatabase
let endpoint: TestEndpoint

beforeAll(async () => {
  database = await freshDatabase()
  endpoint = await testEndpoint({
    connectionString: database.connectionString,
    log: openLog('endpoint', 'trace', everything),
    metrics,
    metricsToken,
  })
})

beforeEach(() => {
  lines.length = 0
  secrets.length = 0
  secret(metricsToken)
  secret(endpoint.credentials.secret)
})

afterAll(async () => {
  await endpoint[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Asserts that no secret of this test is in the log or among the numbers; so many of each there are at least. */
async function expectUntold(least: { secrets: number; lines: number }): Promise<void> {
  expect(secrets.length).toBeGreaterThanOrEqual(least.secrets)
  expect(Math.min(...secrets.map(({ length }) => length))).toBeGreaterThan(15)
  expect(lines.length).toBeGreaterThanOrEqual(least.lines)
  const log = lines.join('')
  expect(findSecrets(log, secrets)).toEqual([])
  expect(findSecrets(await metrics.text(), secrets)).toEqual([])
  // The search itself finds what is there.
  expect(findSecrets(`${log}${secrets[1]?.toString('base64')}`, secrets)).toEqual([1])
}

/** Sends a signed request with secrets in every place that may hold one. */
async function call(method: string, url: string, body?: object): Promise<Sent> {
  const request = { method, url, ...(body ? { body: JSON.stringify(body) } : {}) }
  const headers = signedHeaders(endpoint.url, endpoint.credentials, {
    ...request,
    headers: { 'x-user-agent': secret(), cookie: `session=${secret()}` },
  })
  secret(/Signature=(\w+)/.exec(headers.authorization ?? '')?.[1] ?? '')
  return send(endpoint.url, request, headers)
}

const post = async (name: string, body: object): Promise<Record<string, string>> => {
  const { projectId } = endpoint.world
  const answer = await call('POST', `/v1.0/${projectId}/kms/${name}`, { sequence: randomUUID(), ...body })
  expect(answer.status, `${name}: ${answer.body}`).toBe(200)
  return JSON.parse(answer.body)
}

test('what services do with keys is not told when it is done well', async () => {
  const symmetric = (await endpoint.world.makeKey()).id
  const signing = (await endpoint.world.makeKey({ spec: 'EC_P256', usage: 'SIGN_VERIFY' })).id
  const coding = (await endpoint.world.makeKey({ spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' })).id
  const aad = { additional_authenticated_data: secret() }
  const plain_text = secret()
  const { cipher_text } = await post('encrypt-data', { key_id: symmetric, plain_text, ...aad })
  await post('decrypt-data', { cipher_text, ...aad })
  for (const name of ['create-datakey', 'create-datakey-without-plaintext']) {
    const made = await post(name, { key_id: symmetric, key_spec: 'AES_256' })
    if (made.plain_text) secrets.push(Buffer.from(made.plain_text, 'hex'))
    await post('decrypt-datakey', {
      key_id: symmetric,
      cipher_text: made.cipher_text,
      datakey_cipher_length: '32',
    })
  }
  const dataKey = randomBytes(32)
  secrets.push(dataKey)
  await post('encrypt-datakey', {
    key_id: symmetric,
    plain_text: Buffer.concat([dataKey, createHash('sha256').update(dataKey).digest()]).toString('hex'),
    datakey_plain_length: '32',
  })
  const pair = await post('create-ec-datakey-pair', {
    key_id: symmetric,
    key_spec: 'ECC_NIST_P256',
    with_plain_text: true,
  })
  secrets.push(Buffer.from(pair.private_key_plain_text ?? '', 'base64').subarray(-48))
  const message = Buffer.from(secret()).toString('base64')
  const signed = { key_id: signing, message, signing_algorithm: 'ECDSA_SHA_256', message_type: 'RAW' }
  const { signature } = await post('sign', signed)
  await post('verify', { ...signed, signature })
  const coded = { key_id: coding, message, mac_algorithm: 'HMAC_SHA_256' }
  const { mac } = await post('generate-mac', coded)
  await post('verify-mac', { ...coded, mac })
  const { random_data } = await post('gen-random', { random_data_length: '512' })
  secrets.push(Buffer.from(random_data ?? '', 'hex'))
  await post('create-key', {
    key_alias: `key-${secret()}`,
    key_description: secret(),
    tags: [{ key: secret(), value: secret() }],
  })
  await expectUntold({ secrets: 50, lines: 14 })
})

test('no call that is refused tells what was in its fields', async () => {
  const { projectId } = endpoint.world
  for (const operation of operations) {
    const url = operation.path
      .replace('{project_id}', projectId)
      .replaceAll(/\{\w+\}/g, () => encodeURIComponent(secret()))
    const fields = Object.keys(operation.body?.shape ?? {})
    const body = { ...Object.fromEntries(fields.map((name) => [name, secret()])), [secret()]: secret() }
    await call(
      operation.method,
      `${url}?${secret()}=${secret()}`,
      operation.method === 'GET' ? undefined : body,
    )
  }
  const told = entries().filter(({ msg }) => msg === 'answered')
  expect(new Set(told.map(({ operation }) => operation))).toEqual(new Set(operations.map(({ id }) => id)))
  await expectUntold({ secrets: 200, lines: operations.length })
})

test('tokens and passwords are not told, be they right or wrong', async () => {
  const { world } = endpoint
  const user = await world.userWith(['KMS CMKFullAccess'])
  const known = await givePassword(world, user.actor.id, secret())
  const ask = (password: string) => {
    const identity = { methods: ['password'], password: { user: { name: known.email, password } } }
    const body = JSON.stringify({ auth: { identity, scope: { project: { id: world.projectId } } } })
    return send(endpoint.url, { method: 'POST', url: '/v3/auth/tokens', body }, json)
  }
  const given = await ask(known.password)
  expect(given.status).toBe(201)
  const token = secret(given.headers.get('x-subject-token') ?? '')
  const list = { method: 'POST', url: `/v1.0/${world.projectId}/kms/list-keys`, body: '{}' }
  expect((await send(endpoint.url, list, { ...json, 'x-auth-token': token })).status).toBe(200)
  expect((await send(endpoint.url, list, { ...json, 'x-auth-token': secret() })).status).toBe(401)
  expect((await send(endpoint.url, list, { authorization: `Bearer ${secret()}` })).status).toBe(401)
  expect((await ask(secret())).status).toBe(401)
  await expectUntold({ secrets: 7, lines: 6 })
})

test('what is no call at all is not repeated', async () => {
  const unknownPaths = [`/${secret()}`, `/v1.0/${secret()}?${secret()}`, `/%2e${secret()}`, `/%zz${secret()}`]
  for (const url of [...unknownPaths, '/metrics', '/readyz'])
    await send(endpoint.url, { method: 'GET', url }, { authorization: `Bearer ${secret()}` })
  const numbers = { authorization: `Bearer ${metricsToken}` }
  expect((await send(endpoint.url, { method: 'GET', url: '/metrics' }, numbers)).status).toBe(200)
  const long = { method: 'POST', url: '/v3/auth/tokens', body: secret().repeat(4_000) }
  expect((await send(endpoint.url, long, {})).status).toBe(400)
  for (const text of [
    `GET /${secret()} HTTP/1.1\r\nhost: x\r\n${secret()}\r\n\r\n`,
    `${secret()}\r\n\r\n`,
    `POST / HTTP/1.1\r\nhost: x\r\nexpect: ${secret()}\r\n\r\n`,
  ]) {
    using client = new RawClient(endpoint.port)
    client.send(text)
    client.finish()
    expect((await client.nextAnswer()).status).toBe(400)
  }
  const codes = [...unknownPaths.map(() => 'KMS.0201'), 'KMS.0203', 'KMS.0214', 'KMS.0214', 'KMS.0214']
  expect(entries().map(({ msg, code }) => [msg, code])).toEqual(codes.map((code) => ['answered', code]))
  await expectUntold({ secrets: 18, lines: codes.length })
})

test('a fault on the way is told with who met it, and not with what they sent', async () => {
  await using stack = new AsyncDisposableStack()
  const root = stack.use(await superuser(database.connectionString, inject('superuserDatabaseUrl')))
  await root.run(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused: %', TG_OP; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON key FOR EACH ROW EXECUTE FUNCTION refuse();
    ALTER TABLE key ENABLE ALWAYS TRIGGER refuse`)
  stack.defer(async () => {
    await root.run('DROP TRIGGER refuse ON key; DROP FUNCTION refuse()')
  })
  const answer = await call('POST', `/v1.0/${endpoint.world.projectId}/kms/create-key`, {
    key_alias: `key-${secret()}`,
    key_description: secret(),
    tags: [{ key: secret(), value: secret() }],
  })
  expect(answer.status).toBe(500)
  expect(entries().filter(({ msg }) => msg === 'a request failed')).toEqual([
    expect.objectContaining({
      level: 50,
      operation: 'CreateKey',
      requestId: answer.headers.get('x-request-id'),
      userId: endpoint.world.ctx.actor.id,
      accessKeyId: endpoint.credentials.id,
      sourceAddress: '127.0.0.1',
    }),
  ])
  await expectUntold({ secrets: 8, lines: 2 })
})
