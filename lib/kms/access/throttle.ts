import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Database } from '#lib/db/client.ts'
import type { Prisma } from '#lib/db/generated/client.ts'
import { KmsError } from '../model/errors.ts'
import { inSystemTransaction } from '../transaction.ts'
import { judgeAddress, judgeEmail, type ThrottleRow, type Verdict } from './throttle-rules.ts'

/** Who tries to sign in, as far as can be told before the password is looked at. */
export type SignInAttempt = { email: string; address: string | null }

/** An attempt that may go on. */
export type AdmittedAttempt = {
  /** The database clock when it was admitted. */
  at: Date
  /** Attempts turned away before this one that no event has told of yet. */
  turnedAway: number
}

/**
 * Lets an attempt to sign in pass, or turns it away unlooked at. Both doors call it before they look at the password.
 *
 * The attempt counts as a failure from here on, until `forgiveAttempt` takes it back: so of twenty at once no more
 * than five get through, on any number of instances. Sources: NIST SP 800-63B §5.2.2 (rate limiting).
 *
 * @throws {KmsError} tooManyAttempts, with the seconds to wait
 */
export async function admitAttempt(db: Database, attempt: SignInAttempt): Promise<AdmittedAttempt> {
  const outcome = await inSystemTransaction(db, 'sign-in', async (sql, at) => {
    const subjects = subjectsOf(attempt)
    // In the order of their names, so that two attempts never wait for each other.
    const rows = await lockRows(sql, Object.values(subjects).sort(), at)
    const judged: [string, Verdict][] = [[subjects.email, judgeEmail(rowOf(rows, subjects.email), at)]]
    if (subjects.address) judged.push([subjects.address, judgeAddress(rowOf(rows, subjects.address), at)])
    const seconds = Math.max(...judged.map(([, verdict]) => (verdict.admitted ? 0 : verdict.seconds)))
    if (seconds > 0) {
      await sql.signInThrottle.updateMany({
        where: {
          subject: { in: judged.filter(([, verdict]) => !verdict.admitted).map(([subject]) => subject) },
        },
        data: { refused: { increment: 1 } },
      })
      return { seconds }
    }
    let turnedAway = 0
    for (const [subject, verdict] of judged) {
      if (!verdict.admitted) continue
      turnedAway += verdict.row.refused
      await sql.signInThrottle.update({ where: { subject }, data: { ...verdict.row, refused: 0 } })
    }
    return { admitted: { at, turnedAway } }
  })
  if (outcome.admitted) return outcome.admitted
  const { seconds } = outcome
  const wait = seconds === 1 ? '1 second' : `${seconds} seconds`
  throw new KmsError('tooManyAttempts', { values: { seconds, wait } })
}

/** The attempt succeeded: the account starts anew, and the address is not charged. */
export async function forgiveAttempt(sql: Prisma.TransactionClient, attempt: SignInAttempt): Promise<void> {
  const { email, address } = subjectsOf(attempt)
  // In the order in which admitting locks them.
  if (address) {
    await sql.signInThrottle.updateMany({
      where: { subject: address, failures: { gt: 0 } },
      data: { failures: { decrement: 1 } },
    })
  }
  await sql.signInThrottle.deleteMany({ where: { subject: email } })
}

type StoredRow = ThrottleRow & { subject: string }

async function lockRows(sql: Prisma.TransactionClient, subjects: string[], now: Date): Promise<StoredRow[]> {
  for (const subject of subjects) {
    await sql.$executeRaw`
      INSERT INTO sign_in_throttle (subject, window_start, updated_at)
      VALUES (${subject}, ${now}::timestamptz, ${now}::timestamptz) ON CONFLICT (subject) DO NOTHING`
  }
  return sql.$queryRaw<StoredRow[]>`
    SELECT subject, failures, window_start AS "windowStart", blocked_until AS "blockedUntil", refused, updated_at AS "updatedAt"
    FROM sign_in_throttle WHERE subject = ANY(${subjects}) ORDER BY subject FOR UPDATE`
}

function rowOf(rows: StoredRow[], subject: string): ThrottleRow {
  const row = rows.find((one) => one.subject === subject)
  if (!row) throw new Error('the throttle has lost a row it holds locked')
  const { subject: _, ...fields } = row
  return fields
}

/** What was typed as an email may be a password, so the rows hold hashes. */
function subjectsOf({ email, address }: SignInAttempt): { email: string; address?: string } {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  return {
    email: `email:${hash(email)}`,
    ...(address === null ? {} : { address: `address:${hash(network(address))}` }),
  }
}

/** One subscriber holds a whole /64 of IPv6 and can change its address with every attempt. */
function network(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.toLowerCase().split('%', 1)[0]?.split('::') ?? []
  const before = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array<string>(zeros).fill('0'), ...after]
    .slice(0, 4)
    .map((group) => group.padStart(4, '0'))
    .join(':')
}
