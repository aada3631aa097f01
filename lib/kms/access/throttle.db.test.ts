import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Database, openDatabase } from '#lib/db/client.ts'
import { countedAttempts, pauseAttempts } from '../testing/pause-attempts.ts'
import { inSystemTransaction } from '../transaction.ts'
import { admitAttempt, forgiveAttempt, type SignInAttempt } from './throttle.ts'

let db: Database

beforeAll(() => {
  db = openDatabase(inject('databaseUrl'), {
    connections: 10,
    applicationName: 'keystead-test',
    connectSeconds: 30,
  })
})

afterAll(() => db.$disconnect())

const newAddress = () => `10.${[...randomBytes(3)].join('.')}`

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const newEmail = () => `${randomUUID()}@example.test`

async function outcomes(attempts: SignInAttempt[]): Promise<{ admitted: number; turnedAway: number }> {
  const settled = await Promise.allSettled(attempts.map((attempt) => admitAttempt(db, attempt)))
  const refused = settled.filter((one) => one.status === 'rejected')
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'tooManyAttempts' })
  return { admitted: settled.length - refused.length, turnedAway: refused.length }
}

test('of twenty attempts at once on one account, five get through and none is forgotten', async () => {
  const email = newEmail()
  const settled = await Promise.allSettled(
    Array.from({ length: 20 }, () => admitAttempt(db, { email, address: newAddress() })),
  )
  const admitted = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.at.getTime()] : []))
  expect(await countedAttempts(db, email)).toBe(admitted.length)
  // On a busy machine the twenty take longer than the first pauses; then one more gets through after each.
  const [first = 0, ...others] = admitted.sort((a, b) => a - b)
  const later = others.slice(4)
  // The first pause begins with whichever of the five was the last to be counted.
  let previous = first
  for (const [index, at] of later.entries()) {
    expect(at - previous).toBeGreaterThanOrEqual(1_000 * 2 ** index)
    previous = at
  }
  expect(admitted.length).toBeGreaterThanOrEqual(5)
})

test('of forty attempts at once from one address, thirty get through, whoever they are for', async () => {
  const address = newAddress()
  const attempts = Array.from({ length: 40 }, () => ({ email: newEmail(), address }))
  expect(await outcomes(attempts)).toEqual({ admitted: 30, turnedAway: 10 })
})

test('addresses of one IPv6 network count as one', async () => {
  const network = `2001:db8:${randomBytes(2).toString('hex')}:${randomBytes(2).toString('hex')}`
  const attempts = Array.from({ length: 35 }, (_, host) => ({
    email: newEmail(),
    address: `${network}::${host + 1}`,
  }))
  expect(await outcomes(attempts)).toEqual({ admitted: 30, turnedAway: 5 })
})

test('an attempt that succeeded does not count, for the account nor for the address', async () => {
  const attempt = { email: newEmail(), address: newAddress() }
  for (let round = 0; round < 40; round++) {
    await admitAttempt(db, attempt)
    await inSystemTransaction(db, 'sign-in', (sql) => forgiveAttempt(sql, attempt))
  }
})

test('forgiving takes the rows in the order of admitting, so that two sign-ins of one user cannot block each other', async () => {
  const attempt = { email: newEmail(), address: newAddress() }
  await admitAttempt(db, attempt)
  const admitting = new Client({ connectionString: inject('databaseUrl') })
  await admitting.connect()
  try {
    // What a second attempt does, stopped between its two locks.
    await admitting.query(`BEGIN; SET LOCAL keystead.system = 'sign-in'`)
    const lock = 'SELECT 1 FROM sign_in_throttle WHERE subject = $1 FOR UPDATE NOWAIT'
    await admitting.query(lock, [`address:${sha256(attempt.address)}`])
    const forgiven = inSystemTransaction(db, 'sign-in', (sql) => forgiveAttempt(sql, attempt))
    await expect
      .poll(async () => {
        const { rows } = await admitting.query(
          'SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))',
        )
        return rows.length
      })
      .toBe(1)
    const { rowCount } = await admitting.query(lock, [`email:${sha256(attempt.email)}`])
    expect(rowCount).toBe(1)
    await admitting.query('COMMIT')
    await forgiven
  } finally {
    await admitting.end()
  }
})

test('the next attempt that is admitted tells how many were turned away', async () => {
  const email = newEmail()
  for (let attempt = 0; attempt < 5; attempt++) await admitAttempt(db, { email, address: null })
  await pauseAttempts(db, email)
  for (let attempt = 0; attempt < 3; attempt++) {
    await expect(admitAttempt(db, { email, address: null })).rejects.toThrow(/Try again in \d+ seconds\./)
  }
  await pauseAttempts(db, email, 0)
  expect(await admitAttempt(db, { email, address: null })).toMatchObject({ turnedAway: 3 })
  expect(await admitAttempt(db, { email: newEmail(), address: null })).toMatchObject({ turnedAway: 0 })
})

test('the table holds neither emails nor addresses', async () => {
  const attempt = { email: newEmail(), address: newAddress() }
  await admitAttempt(db, attempt)
  const rows = await inSystemTransaction(db, 'sign-in', (sql) => sql.signInThrottle.findMany())
  const text = JSON.stringify(rows)
  expect(text).not.toContain(attempt.email)
  expect(text).not.toContain(attempt.address)
})
