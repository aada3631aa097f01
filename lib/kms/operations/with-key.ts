import { ReadAgain } from '../cache/read-again.ts'
import type { KmsContext } from '../context.ts'
import type { LockedKey } from '../keys/lock-key.ts'
import { type ErrorCode, KmsError } from '../model/errors.ts'
import { type KeyUse, keyUses, refusalOfUse } from '../model/key-use.ts'
import { can, type Rights } from '../model/permissions.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { recordUse } from '../usage/record-use.ts'
import { cachedUse, keepRights, keepUse } from './cached-use.ts'
import { type FoundKey, findKey, lockFound, type NamedKey } from './find-key.ts'
import { inAccount } from './in-account.ts'
import { openMaterials } from './open-materials.ts'
import type { OpenedSet } from './opened-set.ts'
import type { UsableKey, WantedUse } from './usable-key.ts'

/**
 * The gate of every cryptographic use of a key: permission or grant first, then state and usage, then the crypto.
 *
 * What an instance with a lease knows is used without asking: looked up, crypto, and looked at again synchronously with
 * the result. Everything else, and every refusal, is decided by the database: the crypto runs while key, grant and user
 * are locked against change, and there is an answer only if the commit succeeded. Either way nothing that begins after
 * Disable has returned succeeds. Every use and every refusal is recorded.
 *
 * @param work the crypto; it must not wait for anything but the CPU, and may run again: after a lost transaction, or
 *   when what was cached has changed meanwhile
 * @throws {KmsError} notPermitted, keyIdInvalid, keyNotFound (of a ciphertext: ciphertextInvalid), keyDisabled,
 *   keyPendingDeletion, keyPendingImport, a code of `refusalOfUse`, and what `work` throws
 * @throws {ReadAgain} only in a context that reads from a cache
 */
export function withKey<T>(
  ctx: KmsContext,
  use: KeyUse,
  input: { projectId: string; key: NamedKey },
  work: (key: UsableKey) => T | Promise<T>,
): Promise<T> {
  return gated(ctx, input.projectId, [{ use, key: input.key }], ([key]) => work(key as UsableKey))
}

/**
 * The same gate with nothing behind it: for an operation that has costly work to do before it can use the key, so that
 * what will be refused anyway is refused first. Only a refusal is recorded.
 *
 * @throws {KmsError} as `withKey`
 */
export function requireUse(
  ctx: KmsContext,
  use: KeyUse,
  input: { projectId: string; key: NamedKey },
): Promise<void> {
  return gated(ctx, input.projectId, [{ use, key: input.key }], () => undefined, { recorded: 'refusals' })
}

/**
 * The same gate for an operation that takes from one key and gives to another. Both are locked in the order of their
 * ids, as whoever changes several keys does, so neither waits for the other in a circle.
 */
export function withTwoKeys<T>(
  ctx: KmsContext,
  projectId: string,
  from: WantedUse,
  to: WantedUse,
  work: (from: UsableKey, to: UsableKey) => T | Promise<T>,
): Promise<T> {
  return gated(ctx, projectId, [from, to], ([source, destination]) =>
    work(source as UsableKey, destination as UsableKey),
  )
}

type Work<T> = (keys: UsableKey[]) => T | Promise<T>

async function gated<T>(
  ctx: KmsContext,
  projectId: string,
  wanted: readonly WantedUse[],
  work: Work<T>,
  { recorded }: { recorded: 'all' | 'refusals' } = { recorded: 'all' },
): Promise<T> {
  const done = await fromCache(ctx, projectId, wanted, work)
  if (done) {
    if (recorded === 'all') recordUses(ctx, wanted, done.keys)
    return done.result
  }
  return locked(ctx, projectId, wanted, work, recorded)
}

/** Null: the database must decide. */
async function fromCache<T>(
  ctx: KmsContext,
  projectId: string,
  wanted: readonly WantedUse[],
  work: Work<T>,
): Promise<{ result: T; keys: UsableKey[] } | null> {
  const { reading } = ctx
  const keys = reading && cachedUse(ctx, reading, projectId, wanted)
  if (!keys) return null
  let result: T
  try {
    const begun = work(keys)
    // Waiting for what is no promise would let other operations in between for nothing.
    result = begun instanceof Promise ? await begun : begun
  } catch (error) {
    if (!(error instanceof KmsError) || error.code === 'busy') throw error
    // Another instance may know a newer version of the material; and a refusal is never decided by what is cached.
    return null
  }
  if (!reading.stillHolds()) throw new ReadAgain()
  return { result, keys }
}

/** What is known of one wanted use, for the record and for the cache. */
type Progress = WantedUse & {
  accountId: string
  found: FoundKey | null
  grantId: string | null
  locked: LockedKey | null
}

async function locked<T>(
  ctx: KmsContext,
  projectId: string,
  wanted: readonly WantedUse[],
  work: Work<T>,
  recorded: 'all' | 'refusals',
): Promise<T> {
  const uses = wanted.map(
    (one): Progress => ({ ...one, accountId: ctx.accountId, found: null, grantId: null, locked: null }),
  )
  // The use that a refusal is about: once the crypto has begun, the first.
  let refusing = uses[0]
  let rights: Rights | null = null
  let keys: UsableKey[] = []
  const opened = new Set<OpenedSet>()
  const cache = ctx.reading && ctx.cache
  const token = cache?.begin() ?? null
  try {
    const result = await inTransaction(
      ctx,
      async (tx) => {
        rights = tx.rights
        for (const one of uses) {
          refusing = one
          one.found = await findKey(tx, one.use, projectId, one.key)
          one.accountId = one.found.accountId
        }
        const inLockOrder = uses.toSorted((a, b) =>
          (a.found?.keyId ?? '') < (b.found?.keyId ?? '') ? -1 : 1,
        )
        for (const one of inLockOrder) {
          refusing = one
          await lockUse(tx, one)
        }
        for (const one of uses) {
          refusing = one
          requireUsable(one)
        }
        keys = []
        for (const one of uses) {
          refusing = one
          const key = await openKey(tx, one)
          opened.add(key.material)
          keys.push(key)
        }
        refusing = uses[0]
        return await work(keys)
      },
      { write: 'locks only' },
    )
    // Who calls may have been read from the cache.
    if (ctx.reading?.stillHolds() === false) throw new ReadAgain()
    if (recorded === 'all') recordUses(ctx, wanted, keys)
    const known = rights as Rights | null
    if (cache && known) {
      keepRights(ctx, cache, token, known)
      uses.forEach(({ found, grantId, ...one }, index) => {
        const key = keys[index]
        if (!found || !key) return
        const permitted = can(known, keyUses[one.use].action, { projectId })
        const kept = keepUse(ctx, cache, token, projectId, { wanted: one, found, permitted, grantId, key })
        if (kept) opened.delete(key.material)
      })
    }
    return result
  } catch (error) {
    if (error instanceof KmsError && refusing) {
      const { use, accountId, locked: key } = refusing
      recordUse(ctx, { use, accountId, key, refused: error.code })
    }
    throw error
  } finally {
    cache?.end(token)
    for (const material of opened) material[Symbol.dispose]()
  }
}

function recordUses(ctx: KmsContext, wanted: readonly WantedUse[], keys: readonly UsableKey[]): void {
  wanted.forEach(({ use }, index) => {
    const key = keys[index]
    if (key) recordUse(ctx, { use, accountId: key.accountId, key, refused: null })
  })
}

async function lockUse(tx: Tx, one: Progress): Promise<void> {
  if (!one.found) throw new KmsError('keyNotFound')
  const { key, grantId } = await lockFound(tx, one.use, one.found)
  one.locked = key
  one.grantId = grantId
}

const stateRefusals: Record<LockedKey['state'], ErrorCode | null> = {
  '2': null,
  '3': 'keyDisabled',
  '4': 'keyPendingDeletion',
  '5': 'keyPendingImport',
}

function requireUsable({ use, locked: key }: Progress): void {
  if (!key) throw new KmsError('keyNotFound')
  const refusal = stateRefusals[key.state] ?? refusalOfUse(use, key)
  if (refusal) throw new KmsError(refusal)
}

async function openKey(tx: Tx, { accountId, locked: key }: Progress): Promise<UsableKey> {
  if (!key) throw new KmsError('keyNotFound')
  const material = await inAccount(tx, accountId, (owner) => openMaterials(owner, key))
  return { ...key, accountId, material }
}
