import { createHash } from 'node:crypto'
import type { Database } from '#lib/db/client.ts'
import { inSystemTransaction } from '../transaction.ts'

const rowOf = (email: string) => ({ subject: `email:${createHash('sha256').update(email).digest('hex')}` })

/** Makes the pause an account is in last a minute longer (or with 0, end now), so that no test races against it. */
export async function pauseAttempts(db: Database, email: string, seconds = 60): Promise<void> {
  await inSystemTransaction(db, 'sign-in', (sql, now) =>
    sql.signInThrottle.update({
      where: rowOf(email),
      data: { blockedUntil: new Date(now.getTime() + seconds * 1_000) },
    }),
  )
}

/** How many attempts on an account have been let through and not been forgiven. */
export async function countedAttempts(db: Database, email: string): Promise<number> {
  const row = await inSystemTransaction(db, 'sign-in', (sql) =>
    sql.signInThrottle.findUniqueOrThrow({ where: rowOf(email) }),
  )
  return row.failures
}
