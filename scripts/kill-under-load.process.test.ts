import { fork } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Database, openDatabase } from '#lib/db/client.ts'
import { type EmbeddedPostgres, startPostgres } from '#lib/db/embedded/start-postgres.ts'
import { migrate } from '#lib/db/migrate.ts'
import { verifyAudit } from '#lib/kms/audit/verify-audit.ts'
import { claimChange } from '#lib/kms/changes/claim-change.ts'
import { runChange } from '#lib/kms/changes/run-change.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { createAccount } from '#lib/kms/projects/create-account.ts'
import { RootKey } from '#lib/kms/root-key/root-key.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import type { Acknowledged, Load } from './testing/load-child.ts'
import { temporaryDataFolder } from './testing/start-product.ts'

const child = fileURLToPath(new URL('./testing/load-child.ts', import.meta.url))

/** Who is killed in each round, in this order, and after how many acknowledged steps. */
const rounds: { kill: ('child' | 'database')[]; after: number }[] = [
  { kill: ['child'], after: 60 },
  { kill: ['child'], after: 90 },
  { kill: ['database', 'child'], after: 75 },
  { kill: ['child'], after: 110 },
  { kill: ['child', 'database'], after: 40 },
  { kill: ['database', 'child'], after: 130 },
  { kill: ['child'], after: 70 },
]

type World = { db: Database; rootKey: RootKey; accountId: string }

test('kill -9 under load, again and again: nothing that was acknowledged is lost', async () => {
  await using data = await temporaryDataFolder()
  const secret = randomBytes(32)
  const rootKey = new RootKey(KeyMaterial.take(Buffer.from(secret)))
  let postgres = await startPostgres(data.path)
  await migrate(postgres.connectionString)
  const load = await prepare(postgres, rootKey, secret, data.path)
  const acknowledged: Acknowledged[] = []
  try {
    for (const round of rounds) {
      acknowledged.push(
        ...(await runAndKill({ ...load, keyIds: createdKeys(acknowledged) }, postgres, round)),
      )
      if (round.kill.includes('database')) postgres = await startPostgres(data.path)
      const db = openDatabase(postgres.connectionString, { connections: 4, applicationName: 'keystead-test' })
      try {
        await check({ db, rootKey, accountId: load.accountId }, acknowledged)
      } finally {
        await db.$disconnect()
      }
    }
  } finally {
    await postgres.stop()
  }
  expect(new Set(acknowledged.map(({ kind }) => kind))).toEqual(new Set(['created', 'applied', 'accepted']))
}, 300_000)

const createdKeys = (acknowledged: Acknowledged[]): string[] =>
  acknowledged.flatMap((one) => (one.kind === 'created' ? [one.keyId] : []))

async function prepare(
  postgres: EmbeddedPostgres,
  rootKey: RootKey,
  secret: Buffer,
  dataDir: string,
): Promise<Load> {
  const db = openDatabase(postgres.connectionString, { connections: 1, applicationName: 'keystead-test' })
  const userId = randomUUID()
  const { accountId, projectIds } = await inSystemTransaction(db, 'administration', async (sql) => {
    const account = await createAccount(sql, rootKey, {
      name: 'load',
      regions: [{ id: 'region-1', name: 'Region 1' }],
      keyQuota: 10_000,
    })
    const { accountId } = account
    await sql.user.create({ data: { id: userId, accountId, name: 'Load', email: `${userId}@example.test` } })
    await sql.roleAssignment.create({
      data: { accountId, id: randomUUID(), userId, role: 'KMS CMKFullAccess', projectId: null },
    })
    return account
  })
  await db.$disconnect()
  const { connectionString } = postgres
  const [projectId] = projectIds as [string]
  return {
    connectionString,
    rootKey: secret.toString('hex'),
    dataDir,
    accountId,
    projectId,
    userId,
    keyIds: [],
  }
}

/** Lets the child work until it has acknowledged enough, kills, and answers all it had acknowledged. */
async function runAndKill(
  load: Load,
  postgres: EmbeddedPostgres,
  { kill, after }: (typeof rounds)[number],
): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = []
  const process = fork(child, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const gone = Promise.all([once(process, 'exit'), once(process, 'disconnect')])
  const enough = new Promise<void>((resolve) => {
    process.on('message', (message: Acknowledged) => {
      acknowledged.push(message)
      if (acknowledged.length === after) resolve()
    })
  })
  process.send(load)
  await Promise.race([enough, gone.then(() => Promise.reject(new Error('the child ended by itself')))])
  for (const target of kill) {
    if (target === 'child') process.kill('SIGKILL')
    else {
      globalThis.process.kill(postgres.pid, 'SIGKILL')
      await postgres.ended
    }
  }
  await gone
  return acknowledged
}

async function check({ db, rootKey, accountId }: World, acknowledged: Acknowledged[]): Promise<void> {
  const asJobs = <T>(work: Parameters<typeof inSystemTransaction<T>>[2]): Promise<T> =>
    inSystemTransaction(db, 'jobs', work)

  await finishRunningChanges({ db, rootKey, accountId })
  const keys = new Map((await asJobs((sql) => sql.key.findMany())).map((key) => [key.id, key]))
  const changes = new Map(
    (await asJobs((sql) => sql.change.findMany({ include: { changeItems: true } }))).map((change) => [
      change.id,
      change,
    ]),
  )
  for (const one of acknowledged) {
    if (one.kind === 'created') expect(keys.get(one.keyId)?.name).toBe(one.name)
    else {
      const change = changes.get(one.changeId)
      expect(change?.status).toBe('done')
      const done = change?.changeItems.filter((item) => item.outcome === 'done').map((item) => item.keyId)
      if (one.kind === 'applied') expect(done?.toSorted()).toEqual(one.done.toSorted())
      expect(change?.changeItems.filter((item) => item.outcome === 'pending')).toEqual([])
    }
  }

  // No change without its event, no event without its change: each key stands where its events have led it.
  const events = await asJobs((sql) =>
    sql.auditEvent.findMany({ where: { accountId, outcome: 'done' }, orderBy: { seq: 'asc' } }),
  )
  const moves = new Map<string, { count: number; to: string }>()
  for (const event of events) {
    const { details } = JSON.parse(Buffer.from(event.body).toString()) as {
      details: { to?: string; state?: string }
    }
    const keyId = String(event.resourceId)
    const count = (moves.get(keyId)?.count ?? 0) + 1
    moves.set(keyId, { count, to: String(details.to ?? details.state) })
  }
  expect(
    Object.fromEntries([...keys].map(([id, key]) => [id, { count: key.revision, to: key.state }])),
  ).toEqual(Object.fromEntries(moves))
  const items = [...changes.values()].flatMap((change) => change.changeItems)
  const seqs = items.filter((item) => item.outcome === 'done').map((item) => String(item.eventSeq))
  expect(new Set(seqs).size).toBe(seqs.length)
  expect(seqs.length).toBe(events.filter((event) => event.action !== 'createKey').length)

  expect(await verifyAudit(db, rootKey, { accountId })).toMatchObject([{ problem: null }])
  const sets = await asJobs((sql) => sql.materialSet.count())
  expect(sets).toBe(keys.size)
  const materials = await asJobs((sql) => sql.materialVersion.count())
  expect(materials).toBe([...keys.values()].filter((key) => key.origin === 'kms').length)
}

/** As the runner of any process does, once the leases of the dead have run out. */
async function finishRunningChanges({ db, rootKey }: World): Promise<void> {
  await inSystemTransaction(db, 'jobs', (sql) =>
    sql.change.updateMany({
      where: { status: { in: ['applying', 'confirming'] } },
      data: { leaseUntil: new Date(0) },
    }),
  )
  for (;;) {
    const claimed = await claimChange(db, rootKey)
    if (!claimed) return
    await runChange(claimed.ctx, claimed.changeId, claimed.owner)
  }
}
