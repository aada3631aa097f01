import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '#lib/db/client.ts'
import type { Prisma } from '#lib/db/generated/client.ts'
import { isTransient } from '#lib/db/sql-state.ts'
import { isUnavailable } from '#lib/db/unavailable.ts'
import type { KmsContext } from './context.ts'
import { holdEverywhere } from './invalidations/hold-everywhere.ts'
import { isRefusal, KmsError } from './model/errors.ts'
import { isRole, noRights, type Rights, type RoleAssignment } from './model/permissions.ts'

/** One open transaction of an account. */
export type Tx = {
  sql: Prisma.TransactionClient
  /** The database clock, read at the start of the transaction, in whole milliseconds. */
  now: Date
  /** The actor's rights as they were when the transaction began. */
  rights: Rights
  ctx: KmsContext
  /** Invalidations that must hold on every instance before the verb answers, whatever it answers. */
  invalidations: bigint[]
}

/**
 * Runs `work` in one transaction in which only rows of the context's account exist (row-level security).
 *
 * A writing transaction locks the user's row, so that rights withdrawn meanwhile wait for it or are seen by it; it is
 * tried up to three times more after a deadlock, serialisation failure or lock timeout, so `work` must be repeatable.
 *
 * It returns, and throws a KmsError of `work`, only once every invalidation that was opened or is awaited holds on every
 * instance (`awaitOpenInvalidations`): so nothing that begins after a Disable, or after "already disabled", succeeds.
 *
 * @param options.write `locks only`: as a writer, but there is nothing to be saved, so a lost commit is no lost change
 * @param options.holds `later`: the caller waits for `tx.invalidations` itself
 * @throws {KmsError} unconfirmed: committed, but an instance may not know of it yet; outcomeUnknown: the connection was
 *   lost at the commit of a change, which may have been made
 */
export async function inTransaction<T>(
  ctx: KmsContext,
  work: (tx: Tx) => Promise<T>,
  options: { write: boolean | 'locks only'; holds?: 'on return' | 'later' } = { write: false },
): Promise<T> {
  let invalidations: bigint[] = []
  const run = (): Promise<T> => {
    invalidations = []
    return begin(ctx, work, options.write, invalidations)
  }
  try {
    const result = await retried(options.write ? 3 : 0, run)
    if (options.holds !== 'later') await holdEverywhere(ctx.db, invalidations)
    return result
  } catch (error) {
    // A refusal may be about what is so already. What this transaction opened was rolled back and holds up nobody.
    if (options.holds !== 'later' && isRefusal(error)) await holdEverywhere(ctx.db, invalidations)
    throw error
  }
}

async function begin<T>(
  ctx: KmsContext,
  work: (tx: Tx) => Promise<T>,
  write: boolean | 'locks only',
  invalidations: bigint[],
): Promise<T> {
  return committed(ctx.db, write === true, async (sql) => {
    const actorId = ctx.actor.kind === 'user' ? ctx.actor.id : null
    const [begun] = await sql.$queryRaw<[Begun]>`
      SELECT * FROM keystead_begin(${ctx.accountId}::uuid, ${actorId}::uuid, ${write !== false && actorId !== null})`
    const now = ctx.now?.(begun.started_at) ?? begun.started_at
    return work({ sql, now, rights: rightsOf(ctx, begun), ctx, invalidations })
  })
}

/** @param saves whether somebody must be told when it may have been committed */
async function committed<T>(
  db: Database,
  saves: boolean,
  work: (sql: Prisma.TransactionClient) => Promise<T>,
): Promise<T> {
  let worked = false
  try {
    return await db.$transaction(async (sql) => {
      const result = await work(sql)
      worked = true
      return result
    })
  } catch (error) {
    // Of a commit that was sent and not answered nobody knows whether it was done; of anything before it, that it was not.
    if (worked && saves && isUnavailable(error) && !isTransient(error)) {
      throw new KmsError('outcomeUnknown', { cause: error })
    }
    throw error
  }
}

type Begun = {
  started_at: Date
  status: string | null
  assignments: { role: string; projectId: string | null }[]
}

function rightsOf(ctx: KmsContext, begun: Begun): Rights {
  if (ctx.actor.kind === 'system') return { kind: 'system' }
  if (begun.status !== 'active') return noRights
  const assignments = begun.assignments.filter((row): row is RoleAssignment => isRole(row.role))
  return { kind: 'user', status: 'active', assignments }
}

/**
 * Who may look beyond one account, and for what:
 * - `sign-in`: users, sessions, credentials and the throttle, before an account is known;
 * - `access-key`: the look-up of an access key or token, of the principal that a grant names, and of a grant by who
 *   may retire it;
 * - `jobs`: finding due keys, expired material and changes to run, across accounts;
 * - `administration`: set-up and the command line (accounts, users, links, verification of the audit chains);
 * - `instance`: a process that caches, reading the invalidations of every account.
 */
export type SystemPurpose = 'sign-in' | 'access-key' | 'jobs' | 'administration' | 'instance'

/**
 * Runs `work` in one transaction in the named system context, where rows of every account are visible.
 *
 * @param options.saves it makes a change that somebody waits for
 * @throws {KmsError} outcomeUnknown, with `saves`: the connection was lost at the commit, which may have been made
 */
export function inSystemTransaction<T>(
  db: Database,
  purpose: SystemPurpose,
  work: (sql: Prisma.TransactionClient, now: Date) => Promise<T>,
  { saves }: { saves: boolean } = { saves: false },
): Promise<T> {
  return retried(3, () =>
    committed(db, saves, async (sql) => {
      const [begun] = await sql.$queryRaw<[{ now: Date }]>`
        SELECT set_config('keystead.system', ${purpose}, true), date_trunc('milliseconds', clock_timestamp()) AS now`
      return work(sql, begun.now)
    }),
  )
}

async function retried<T>(times: number, run: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt >= times || !isTransient(error)) throw error
      await pause(10 * 2 ** attempt * (0.5 + Math.random()))
    }
  }
}
