import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Database } from '#lib/db/client.ts'
import { flushRefusals } from '#lib/kms/audit/flush-refusals.ts'
import { claimChange } from '#lib/kms/changes/claim-change.ts'
import { runChange } from '#lib/kms/changes/run-change.ts'
import { closeLeftInvalidations } from '#lib/kms/invalidations/close-left-invalidations.ts'
import { retireSilentInstances } from '#lib/kms/invalidations/retire-silent-instances.ts'
import { destroyDueKeys } from '#lib/kms/keys/destroy-due-keys.ts'
import { expireMaterial } from '#lib/kms/material/expire-material.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { rotateDueKeys } from '#lib/kms/rotation/rotate-due-keys.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { countAnew } from '#lib/kms/usage/count-anew.ts'
import { ClockGuard, firstReading } from './clock-guard.ts'
import { forgetOldRows } from './forget-old-rows.ts'

export type JobsOptions = {
  db: Database
  rootKey: RootKey
  /** Holds destroyed.log. */
  dataDir: string
  log: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** The runner of one process. */
export type Runner = { stop: () => Promise<void> }

const changesEveryMilliseconds = 500
const dueEveryMilliseconds = 10_000

/**
 * Starts what runs by the clock in this process: bulk changes twice a second, everything that is due every ten seconds.
 * Any number of processes may run it; each piece of work is claimed by a row lock. A failure is logged and tried again.
 */
export function startRunner(options: JobsOptions): Runner {
  const stopping = new AbortController()
  const guard = new ClockGuard()
  const loops = [
    repeat(changesEveryMilliseconds, stopping.signal, options, 'changes', () =>
      runChanges(options, stopping.signal),
    ),
    repeat(dueEveryMilliseconds, stopping.signal, options, 'due', () => runDue(options, guard)),
  ]
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

/** Does once what is due now, then returns; how many keys were destroyed. Reads the clocks twice, a second apart. */
export async function runDueJobs(options: JobsOptions): Promise<{ destroyed: number }> {
  const guard = new ClockGuard()
  guard.check(await readClocks(options.db))
  await pause(1_000)
  await runChanges(options, new AbortController().signal)
  return { destroyed: await runDue(options, guard) }
}

async function repeat(
  milliseconds: number,
  signal: AbortSignal,
  options: JobsOptions,
  name: string,
  work: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    await logged(options, name, work)
    await pause(milliseconds, undefined, { signal }).catch(() => undefined)
  }
}

async function runChanges({ db, rootKey }: JobsOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const claimed = await claimChange(db, rootKey)
    if (!claimed) return
    await runChange(claimed.ctx, claimed.changeId, claimed.owner)
  }
}

async function runDue(options: JobsOptions, guard: ClockGuard): Promise<number> {
  const { db, rootKey, log } = options
  await logged(options, 'refusals', () => flushRefusals(db, rootKey))
  await logged(options, 'old rows', () => forgetOldRows(db))
  await logged(options, 'use', () => countAnew(db))
  await logged(options, 'instances', () => retireSilentInstances(db))
  await logged(options, 'invalidations', () => closeLeftInvalidations(db))
  const distrust = guard.check(await readClocks(db))
  if (distrust !== null) {
    if (distrust !== firstReading) log.warn({ job: 'destroy' }, distrust)
    return 0
  }
  const expired = await logged(options, 'expire', () => expireMaterial({ db, rootKey }))
  if (expired) log.info({ job: 'expire', sets: expired }, 'imported key material expired')
  const rotated = await logged(options, 'rotate', () => rotateDueKeys({ db, rootKey }))
  if (rotated) log.info({ job: 'rotate', keys: rotated }, 'keys were rotated')
  const destroyed = await destroyDueKeys(options)
  if (destroyed > 0) log.info({ job: 'destroy', keys: destroyed }, 'keys were destroyed')
  return destroyed
}

/** A job that fails is tried again in the next round, and does not keep the others from their work. */
async function logged<T>({ log }: JobsOptions, name: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    log.error({ err: error, job: name }, 'a job failed and will be tried again')
    return null
  }
}

async function readClocks(db: Database) {
  const database = await inSystemTransaction(db, 'jobs', async (_sql, now) => now.getTime())
  return { database, wall: Date.now(), monotonic: performance.now() }
}
