import { describe, expect, inject, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { createEnterpriseProject } from '../enterprise-projects/create-enterprise-project.ts'
import { type Superuser, superuser } from '../testing/superuser.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inSystemTransaction } from '../transaction.ts'
import { openChain } from './open-chain.ts'
import { type AuditProblem, verifyAudit } from './verify-audit.ts'

const events = 6

const root = (): Promise<Superuser> => superuser(inject('databaseUrl'), inject('superuserDatabaseUrl'))

/** An account with six events of different actors and kinds. */
async function world(): Promise<TestWorld & { chainId: string }> {
  const w = await testWorld(inject('databaseUrl'))
  for (let number = 1; number <= 3; number++) {
    await createEnterpriseProject(w.ctx, { name: `Project ${number}` })
    await w.makeKey({ origin: 'external' })
  }
  await using db = await root()
  const [chain] = await db.run('SELECT id FROM audit_chain WHERE account_id = $1', [w.accountId])
  return { ...w, chainId: String(chain?.id) }
}

async function problemOf(w: TestWorld): Promise<AuditProblem | null> {
  const reports = await verifyAudit(w.db, w.rootKey, { accountId: w.accountId })
  expect(reports).toHaveLength(1)
  return (reports[0] as (typeof reports)[number]).problem
}

test('an untouched chain has no problem and tells its length', async () => {
  await using w = await world()
  expect(await verifyAudit(w.db, w.rootKey, { accountId: w.accountId })).toEqual([
    { chainId: w.chainId, accountId: w.accountId, events: BigInt(events), problem: null },
  ])
})

describe('an event that was changed is named:', () => {
  test('its body', async () => {
    await using w = await world()
    await using db = await root()
    await db.run(
      `UPDATE audit_event SET body = convert_to(replace(convert_from(body, 'UTF8'), 'Someone', 'Nobody'), 'UTF8')
       WHERE chain_id = $1 AND seq = 3`,
      [w.chainId],
    )
    expect(await problemOf(w)).toEqual({ seq: 3n, kind: 'changed' })
  })

  test('its body, which is no JSON any more', async () => {
    await using w = await world()
    await using db = await root()
    await db.run(`UPDATE audit_event SET body = '\\xff00' WHERE chain_id = $1 AND seq = 2`, [w.chainId])
    expect(await problemOf(w)).toEqual({ seq: 2n, kind: 'changed' })
  })

  test.for([1, 3, events])('the MAC of event %i', async (seq) => {
    await using w = await world()
    await using db = await root()
    await db.run(
      'UPDATE audit_event SET mac = set_byte(mac, 31, get_byte(mac, 31) # 1) WHERE chain_id = $1 AND seq = $2',
      [w.chainId, seq],
    )
    expect(await problemOf(w)).toEqual({ seq: BigInt(seq), kind: 'changed' })
  })

  test('each column beside the body, in each row', async () => {
    await using w = await world()
    await using db = await root()
    const columns = (await db.run(
      `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
       WHERE attrelid = 'audit_event'::regclass AND attnum > 0 AND NOT attisdropped
         AND attname NOT IN ('chain_id', 'seq', 'body', 'mac') ORDER BY attnum`,
    )) as { name: string; type: string }[]
    const other: Record<string, string> = {
      uuid: `'00000000-0000-4000-8000-000000000000'`,
      'timestamp with time zone': `at + interval '1 millisecond'`,
    }
    expect(columns.length).toBeGreaterThan(6)
    for (const { name, type } of columns) {
      for (const seq of [1, 4]) {
        const value = name === 'outcome' ? `'refused'` : (other[type] ?? `coalesce("${name}", '') || 'x'`)
        await db.run('BEGIN')
        await db.run(
          `CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM audit_event WHERE chain_id = '${w.chainId}' AND seq = ${seq}`,
        )
        await db.run(`UPDATE audit_event SET "${name}" = ${value} WHERE chain_id = $1 AND seq = $2`, [
          w.chainId,
          seq,
        ])
        const kept = (await db.run('SELECT * FROM kept'))[0] as Record<string, unknown>
        await db.run('COMMIT')
        expect.soft(await problemOf(w), name).toEqual({ seq: BigInt(seq), kind: 'changed' })
        await db.run(`UPDATE audit_event SET "${name}" = $3 WHERE chain_id = $1 AND seq = $2`, [
          w.chainId,
          seq,
          kept[name],
        ])
        expect.soft(await problemOf(w), name).toBeNull()
      }
    }
  })

  test('two events of one chain that changed places', async () => {
    await using w = await world()
    await using db = await root()
    await renumber(db, w.chainId, 2, 100)
    await renumber(db, w.chainId, 4, 2)
    await renumber(db, w.chainId, 100, 4)
    expect(await problemOf(w)).toEqual({ seq: 2n, kind: 'changed' })
  })
})

describe('an event that was removed is named:', () => {
  test.for([1, 3, events])('event %i', async (seq) => {
    await using w = await world()
    await using db = await root()
    await remove(db, w.chainId, seq)
    expect(await problemOf(w)).toEqual({ seq: BigInt(seq), kind: 'removed' })
  })

  test('all of them', async () => {
    await using w = await world()
    await using db = await root()
    await db.run('DELETE FROM audit_event WHERE chain_id = $1', [w.chainId])
    expect(await problemOf(w)).toEqual({ seq: 1n, kind: 'removed' })
  })

  test('one in the middle, the later ones numbered anew', async () => {
    await using w = await world()
    await using db = await root()
    await remove(db, w.chainId, 3)
    for (let seq = 4; seq <= events; seq++) await renumber(db, w.chainId, seq, seq - 1)
    await db.run('UPDATE audit_chain SET head_seq = head_seq - 1 WHERE id = $1', [w.chainId])
    expect(await problemOf(w)).toEqual({ seq: 3n, kind: 'changed' })
  })
})

describe('an event that was inserted is named:', () => {
  test.for([events + 1, events + 5, 0, -3])('as number %i', async (seq) => {
    await using w = await world()
    await using db = await root()
    await copy(db, w.chainId, events, seq)
    expect(await problemOf(w)).toEqual({ seq: BigInt(seq), kind: 'inserted' })
  })

  test('in the middle, the later ones numbered anew', async () => {
    await using w = await world()
    await using db = await root()
    for (let seq = events; seq >= 3; seq--) await renumber(db, w.chainId, seq, seq + 1)
    await copy(db, w.chainId, 2, 3)
    await db.run('UPDATE audit_chain SET head_seq = head_seq + 1 WHERE id = $1', [w.chainId])
    expect(await problemOf(w)).toEqual({ seq: 3n, kind: 'changed' })
  })

  test('behind the end, the head moved forward', async () => {
    await using w = await world()
    await using db = await root()
    await copy(db, w.chainId, events, events + 1)
    await db.run('UPDATE audit_chain SET head_seq = head_seq + 1 WHERE id = $1', [w.chainId])
    expect(await problemOf(w)).toEqual({ seq: BigInt(events + 1), kind: 'changed' })
  })
})

describe('an end that was moved is named:', () => {
  test.for([5, 3, 0])('cut off after event %i, the head moved back to it', async (last) => {
    await using w = await world()
    await using db = await root()
    await db.run('DELETE FROM audit_event WHERE chain_id = $1 AND seq > $2', [w.chainId, last])
    await db.run(
      `UPDATE audit_chain SET head_seq = $2::bigint, last_mac = coalesce(
         (SELECT mac FROM audit_event WHERE chain_id = $1 AND seq = $2::bigint), decode(repeat('00', 32), 'hex'))
       WHERE id = $1`,
      [w.chainId, last],
    )
    expect(await problemOf(w)).toEqual({ seq: BigInt(last + 1), kind: 'cut off' })
  })

  test('the head moved back, its events left in place', async () => {
    await using w = await world()
    await using db = await root()
    await db.run(
      `UPDATE audit_chain SET head_seq = 4, last_mac = (SELECT mac FROM audit_event WHERE chain_id = $1 AND seq = 4)
       WHERE id = $1`,
      [w.chainId],
    )
    expect(await problemOf(w)).toEqual({ seq: 5n, kind: 'cut off' })
  })

  test('the head moved forward', async () => {
    await using w = await world()
    await using db = await root()
    await db.run('UPDATE audit_chain SET head_seq = head_seq + 2 WHERE id = $1', [w.chainId])
    expect(await problemOf(w)).toEqual({ seq: BigInt(events + 1), kind: 'removed' })
  })

  test.for(['last_mac', 'head_mac'])('the %s of the head', async (column) => {
    await using w = await world()
    await using db = await root()
    await db.run(`UPDATE audit_chain SET ${column} = decode(repeat('ab', 32), 'hex') WHERE id = $1`, [
      w.chainId,
    ])
    expect(await problemOf(w)).toEqual({ seq: BigInt(events + 1), kind: 'cut off' })
  })
})

describe('of two accounts', () => {
  test('one event each exchanged is named in both', async () => {
    await using a = await world()
    await using b = await world()
    await using db = await root()
    await renumber(db, a.chainId, 3, 100)
    await db.run('UPDATE audit_event SET chain_id = $2, account_id = $3 WHERE chain_id = $1 AND seq = 3', [
      b.chainId,
      a.chainId,
      a.accountId,
    ])
    await db.run(
      'UPDATE audit_event SET chain_id = $2, account_id = $3, seq = 3 WHERE chain_id = $1 AND seq = 100',
      [a.chainId, b.chainId, b.accountId],
    )
    expect(await problemOf(a)).toEqual({ seq: 3n, kind: 'changed' })
    expect(await problemOf(b)).toEqual({ seq: 3n, kind: 'changed' })
  })

  test('the whole chains exchanged are named', async () => {
    await using a = await world()
    await using b = await world()
    await using db = await root()
    for (const table of ['audit_chain', 'audit_event']) {
      const chain = table === 'audit_chain' ? 'id' : 'chain_id'
      await db.run(`UPDATE ${table} SET account_id = NULL WHERE ${chain} = $1`, [a.chainId])
      await db.run(`UPDATE ${table} SET account_id = $2 WHERE ${chain} = $1`, [b.chainId, a.accountId])
      await db.run(`UPDATE ${table} SET account_id = $2 WHERE ${chain} = $1`, [a.chainId, b.accountId])
    }
    expect(await problemOf(a)).toEqual({ seq: 1n, kind: 'unverifiable' })
    expect(await problemOf(b)).toEqual({ seq: 1n, kind: 'unverifiable' })
  })

  test('the key of the one put into the other is named', async () => {
    await using a = await world()
    await using b = await world()
    await using db = await root()
    await db.run(
      'UPDATE audit_chain SET sealed_key = (SELECT sealed_key FROM audit_chain WHERE id = $2) WHERE id = $1',
      [a.chainId, b.chainId],
    )
    expect(await problemOf(a)).toEqual({ seq: 1n, kind: 'unverifiable' })
    expect(await problemOf(b)).toBeNull()
  })

  test('a broken chain of the one does not hide the state of the other', async () => {
    await using a = await world()
    await using b = await world()
    await using db = await root()
    await db.run(`UPDATE audit_chain SET sealed_key = '\\x00' WHERE id = $1`, [a.chainId])
    await remove(db, b.chainId, 2)
    const problems = (await verifyAudit(a.db, a.rootKey)).filter(({ accountId }) =>
      [a.accountId, b.accountId].includes(String(accountId)),
    )
    expect(problems.map(({ problem }) => problem?.kind).toSorted()).toEqual(['removed', 'unverifiable'])
  })
})

test('a chain that is gone with all its events is named', async () => {
  await using w = await world()
  await using db = await root()
  await db.run('DELETE FROM audit_event WHERE chain_id = $1', [w.chainId])
  await db.run('DELETE FROM audit_chain WHERE id = $1', [w.chainId])
  expect(await verifyAudit(w.db, w.rootKey, { accountId: w.accountId })).toEqual([
    { chainId: null, accountId: w.accountId, events: 0n, problem: { seq: 1n, kind: 'removed' } },
  ])
})

test('the chain of the installation is verified like the others, and missed once there are accounts', async () => {
  await using database = await freshDatabase()
  await using w = await testWorld(database.connectionString)
  const missing = { chainId: null, accountId: null, events: 0n, problem: { seq: 1n, kind: 'removed' } }
  expect(await verifyAudit(w.db, w.rootKey, { accountId: null })).toEqual([missing])
  expect(await verifyAudit(w.db, w.rootKey)).toContainEqual(missing)
  await inSystemTransaction(w.db, 'administration', (sql) => openChain(sql, w.rootKey, null))
  expect(await verifyAudit(w.db, w.rootKey, { accountId: null })).toMatchObject([
    { accountId: null, events: 0n, problem: null },
  ])
})

const renumber = (db: Superuser, chainId: string, from: number, to: number) =>
  db.run('UPDATE audit_event SET seq = $3 WHERE chain_id = $1 AND seq = $2', [chainId, from, to])

const remove = (db: Superuser, chainId: string, seq: number) =>
  db.run('DELETE FROM audit_event WHERE chain_id = $1 AND seq = $2', [chainId, seq])

const copy = (db: Superuser, chainId: string, from: number, to: number) =>
  db.run(
    `INSERT INTO audit_event (chain_id, seq, account_id, at, action, outcome, actor_id, resource_id, project_id, request_id, body, mac)
     SELECT chain_id, $3::bigint, account_id, at, action, outcome, actor_id, resource_id, project_id, request_id, body, mac
     FROM audit_event WHERE chain_id = $1 AND seq = $2`,
    [chainId, from, to],
  )
