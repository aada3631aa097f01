import type { Database } from '#lib/db/client.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'

/** A year and a month, so that a yearly use can be seen when it comes again. */
const useDays = 400

/**
 * Deletes rows that have served their time: ended sessions, answered create requests after a day, reviews that expired
 * a day ago without being applied, closed invalidations after an hour, ended API tokens, answers of signed writes after
 * an hour (a signature is good for 30 minutes at most, 15 on either side of its date), sets for importing key material
 * that have ended, counters of uses and refused calls after 400 days, throttle counters after a day of quiet.
 */
export async function forgetOldRows(db: Database): Promise<void> {
  await inSystemTransaction(db, 'jobs', async (sql, now) => {
    const before = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000)
    await sql.session.deleteMany({ where: { expiresAt: { lt: now } } })
    await sql.createRequest.deleteMany({ where: { createdAt: { lt: before(24) } } })
    await sql.change.deleteMany({ where: { status: 'planned', expiresAt: { lt: before(24) } } })
    await sql.invalidation.deleteMany({ where: { closedAt: { lt: before(1) } } })
    await sql.accessToken.deleteMany({ where: { expiresAt: { lt: now } } })
    await sql.signedWrite.deleteMany({ where: { createdAt: { lt: before(1) } } })
    await sql.importRequest.deleteMany({ where: { expiresAt: { lt: now } } })
    await sql.keyUse.deleteMany({ where: { day: { lt: before(useDays * 24) } } })
    await sql.refusedCall.deleteMany({ where: { lastAt: { lt: before(useDays * 24) } } })
    await sql.signInThrottle.deleteMany({ where: { updatedAt: { lt: before(24) } } })
  })
}
