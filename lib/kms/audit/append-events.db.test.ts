import { describe, expect, inject, test } from 'vitest'
import { createEnterpriseProject } from '../enterprise-projects/create-enterprise-project.ts'
import { superuser } from '../testing/superuser.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { recordEvent } from './record-events.ts'
import { verifyAudit } from './verify-audit.ts'

const world = (options: Parameters<typeof testWorld>[1] = {}) => testWorld(inject('databaseUrl'), options)

const seqsOf = async (w: TestWorld): Promise<number[]> => {
  const events = await inTransaction(w.ctx, (tx) =>
    tx.sql.auditEvent.findMany({ where: { accountId: w.accountId }, orderBy: { seq: 'asc' } }),
  )
  return events.map((event) => Number(event.seq))
}

test('fifty writers at once leave a chain without gaps that verifies', async () => {
  await using w = await world({ connections: 50 })
  await Promise.all(
    Array.from({ length: 50 }, (_, writer) => createEnterpriseProject(w.ctx, { name: `Project ${writer}` })),
  )
  expect(await seqsOf(w)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  expect(await verifyAudit(w.db, w.rootKey, { accountId: w.accountId })).toMatchObject([
    { events: 50n, problem: null },
  ])
})

test('writers that fail after recording leave no gap', async () => {
  await using w = await world({ connections: 20 })
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, writer) =>
      inTransaction(
        w.ctx,
        async (tx) => {
          await recordEvent(tx, { action: 'tried', outcome: 'done', resourceId: String(writer) })
          if (writer % 2 === 0) throw new Error('undone')
        },
        { write: true },
      ),
    ),
  )
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(10)
  expect(await seqsOf(w)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1))
  expect(await verifyAudit(w.db, w.rootKey, { accountId: w.accountId })).toMatchObject([{ problem: null }])
})

test('a chain is verified while it grows', async () => {
  await using w = await world({ connections: 20 })
  let grown = false
  const growing = Promise.all(
    Array.from({ length: 12 }, async (_, writer) => {
      for (let i = 0; i < 5; i++) await createEnterpriseProject(w.ctx, { name: `Project ${writer}-${i}` })
    }),
  ).finally(() => {
    grown = true
  })
  let verified = 0
  while (!grown) {
    expect(await verifyAudit(w.db, w.rootKey, { accountId: w.accountId })).toMatchObject([{ problem: null }])
    verified++
  }
  await growing
  expect(verified).toBeGreaterThan(1)
})

describe('the role of the application', () => {
  const forbidden = [
    `UPDATE audit_event SET outcome = 'done'`,
    `UPDATE audit_event SET body = body`,
    'DELETE FROM audit_event',
    'TRUNCATE audit_event',
    'DELETE FROM audit_chain',
    `UPDATE audit_chain SET sealed_key = '\\x00'`,
    'UPDATE audit_chain SET id = id',
    'UPDATE tombstone SET name = name',
    'DELETE FROM tombstone',
    'TRUNCATE tombstone CASCADE',
    'ALTER TABLE audit_event DISABLE ROW LEVEL SECURITY',
    'ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY',
    'DROP POLICY own_account ON audit_event',
    'DROP TABLE audit_event CASCADE',
    'ALTER FUNCTION keystead_system() OWNER TO keystead_app',
    `CREATE OR REPLACE FUNCTION keystead_system() RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
    'CREATE TABLE something (id integer)',
    'SET session_replication_role = replica',
    'SELECT * FROM _prisma_migrations',
  ]

  test.for(forbidden)('may not: %s', async (sql) => {
    await using w = await world()
    await expect(inTransaction(w.ctx, (tx) => tx.sql.$executeRawUnsafe(sql))).rejects.toThrow(
      /permission denied|must be owner/,
    )
  })

  test('may not put an event into the chain of another account', async () => {
    await using w = await world()
    await using twin = await world()
    await createEnterpriseProject(twin.ctx, { name: 'Something' })
    await using db = await superuser(inject('databaseUrl'), inject('superuserDatabaseUrl'))
    const [chain] = await db.run('SELECT id FROM audit_chain WHERE account_id = $1', [twin.accountId])
    const insert = (accountId: string) =>
      inTransaction(
        w.ctx,
        (tx) => tx.sql.$executeRaw`
          INSERT INTO audit_event (chain_id, seq, account_id, at, action, outcome, body, mac)
          VALUES (${chain?.id}::uuid, 2, ${accountId}::uuid, now(), 'x', 'done', '', '')`,
      )
    await expect(insert(twin.accountId)).rejects.toThrow('row-level security')
    await expect(insert(w.accountId)).rejects.toThrow('foreign key')
    expect(await verifyAudit(twin.db, twin.rootKey, { accountId: twin.accountId })).toMatchObject([
      { events: 1n, problem: null },
    ])
  })
})
