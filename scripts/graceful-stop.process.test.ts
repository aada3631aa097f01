import { once } from 'node:events'
import { connect } from 'node:net'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { sumOf } from '#lib/api/testing/exposition.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { type RunningEndpoints, runningEndpoints } from './testing/running-endpoints.ts'

/** Whether the port takes a connection. */
async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Nobody reads a key until it is let go of. */
async function keysLocked({ world }: RunningEndpoints): Promise<{ letGo: () => Promise<void> }> {
  const client = new Client({ connectionString: world.connectionString })
  await client.connect()
  await client.query('BEGIN; LOCK TABLE key IN ACCESS EXCLUSIVE MODE')
  return { letGo: () => client.end() }
}

/** How often each kind of use stands in the counters and in the audit chain. */
async function usesOf({ world }: RunningEndpoints): Promise<{ counted: object; recorded: object }> {
  const { uses, events } = await inTransaction(world.ctx, async (tx) => ({
    uses: await tx.sql.keyUse.findMany({ where: { accountId: world.ctx.accountId } }),
    events: await tx.sql.auditEvent.findMany({
      where: { accountId: world.ctx.accountId, action: 'dataEvents' },
    }),
  }))
  const recorded = events.flatMap(
    ({ body }) => (JSON.parse(Buffer.from(body).toString()) as { uses: { action: string }[] }).uses,
  )
  return {
    counted: Object.fromEntries(uses.map(({ operation, calls }) => [operation, Number(calls)])),
    recorded: Object.fromEntries(
      [...Map.groupBy(recorded, ({ action }) => action)].map(([action, { length }]) => [action, length]),
    ),
  }
}

test('SIGTERM: what was begun is answered whole, nothing new is taken, and what is to be written is written', async () => {
  await using endpoints = await runningEndpoints(1)
  const symmetric = await endpoints.makeKey('AES_256')
  const signing = await endpoints.makeKey('RSA_4096')
  const message = Buffer.alloc(32).toString('base64')

  const lock = await keysLocked(endpoints)
  const begun = [
    endpoints.call('encrypt-data', { key_id: symmetric, plain_text: 'begun before' }),
    endpoints.call('sign', { key_id: signing, message, signing_algorithm: 'RSASSA_PSS_SHA_256' }),
    endpoints.call('create-rsa-datakey-pair', { key_id: symmetric, key_spec: 'RSA_3072' }),
    endpoints.call('create-datakey', { key_id: symmetric, key_spec: 'AES_256' }),
  ]
  await expect
    .poll(async () => sumOf(await endpoints.numbers(), 'keystead_requests_in_flight'))
    .toBe(begun.length)

  const stopped = endpoints.stop()
  await expect.poll(() => isListening(endpoints.port)).toBe(false)
  await lock.letGo()
  for (const answer of await Promise.all(begun)) {
    expect(answer.status, answer.body).toBe(200)
    expect(Object.keys(JSON.parse(answer.body)).length).toBeGreaterThan(1)
  }
  expect(await stopped).toBe(0)
  expect(await usesOf(endpoints)).toEqual({
    counted: { encryptData: 1, sign: 1, createDataKeyPair: 1, createDataKey: 1 },
    recorded: { encryptData: 1, sign: 1, createDataKeyPair: 1, createDataKey: 1 },
  })
})
