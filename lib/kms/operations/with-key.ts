import type { KmsContext } from '../context.ts'
import type { LockedKey } from '../keys/lock-key.ts'
import { type ErrorCode, KmsError } from '../model/errors.ts'
import { type KeyUse, refusalOfUse } from '../model/key-use.ts'
import { inTransaction, type Tx } from '../transaction.ts'
import { recordUse } from '../usage/record-use.ts'
import { type FoundKey, findKey, lockFound, type NamedKey } from './find-key.ts'
import { inAccount } from './in-account.ts'
import { type OpenedMaterial, openMaterials } from './open-materials.ts'

/** A key that may be used until the callback returns: its row is locked against every change. */
export type UsableKey = LockedKey &
  OpenedMaterial & {
    /** Account that owns the key: the caller's, or the one that granted the use. */
    accountId: string
  }

/** What a key is wanted for, and which. */
export type WantedUse = { use: KeyUse; key: NamedKey }

/**
 * The gate of every cryptographic use of a key, uncached: permission or grant first, then state and usage; then the
 * crypto while the key, the grant and the user are locked against change, and the answer only if the commit succeeded.
 * So nothing that begins after Disable has returned succeeds. Every use and every refusal is recorded.
 *
 * @param work the crypto; it must not wait for anything but the CPU, and may run again after a lost transaction
 * @throws {KmsError} notPermitted, keyIdInvalid, keyNotFound (of a ciphertext: ciphertextInvalid), keyDisabled,
 *   keyPendingDeletion, keyPendingImport, a code of `refusalOfUse`, and what `work` throws
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

/** What is known of one wanted use when it is recorded. */
type Progress = WantedUse & { accountId: string; locked: LockedKey | null }

async function gated<T>(
  ctx: KmsContext,
  projectId: string,
  wanted: readonly WantedUse[],
  work: (keys: UsableKey[]) => T | Promise<T>,
  { recorded }: { recorded: 'all' | 'refusals' } = { recorded: 'all' },
): Promise<T> {
  const uses = wanted.map((one): Progress => ({ ...one, accountId: ctx.accountId, locked: null }))
  // The use that a refusal is about: once the crypto has begun, the first.
  let refusing = uses[0]
  try {
    const result = await inTransaction(
      ctx,
      async (tx) => {
        const found: { one: Progress; key: FoundKey }[] = []
        for (const one of uses) {
          refusing = one
          const key = await findKey(tx, one.use, projectId, one.key)
          one.accountId = key.accountId
          found.push({ one, key })
        }
        const inLockOrder = found.toSorted((a, b) => (a.key.keyId < b.key.keyId ? -1 : 1))
        for (const { one, key } of inLockOrder) {
          refusing = one
          one.locked = await lockFound(tx, one.use, key)
        }
        for (const one of uses) {
          refusing = one
          requireUsable(one)
        }
        using opened = new DisposableStack()
        const usable: UsableKey[] = []
        for (const one of uses) {
          refusing = one
          usable.push(await openKey(tx, one, opened))
        }
        refusing = uses[0]
        return await work(usable)
      },
      { write: true },
    )
    for (const { use, accountId, locked } of recorded === 'all' ? uses : []) {
      recordUse(ctx, { use, accountId, key: locked, refused: null })
    }
    return result
  } catch (error) {
    if (error instanceof KmsError && refusing) {
      const { use, accountId, locked } = refusing
      recordUse(ctx, { use, accountId, key: locked, refused: error.code })
    }
    throw error
  }
}

const stateRefusals: Record<LockedKey['state'], ErrorCode | null> = {
  '2': null,
  '3': 'keyDisabled',
  '4': 'keyPendingDeletion',
  '5': 'keyPendingImport',
}

function requireUsable({ use, locked }: Progress): void {
  if (!locked) throw new KmsError('keyNotFound')
  const refusal = stateRefusals[locked.state] ?? refusalOfUse(use, locked)
  if (refusal) throw new KmsError(refusal)
}

async function openKey(tx: Tx, one: Progress, opened: DisposableStack): Promise<UsableKey> {
  const { accountId, locked } = one
  if (!locked) throw new KmsError('keyNotFound')
  const material = await inAccount(tx, accountId, (owner) => openMaterials(owner, locked, opened))
  return { ...locked, ...material, accountId }
}
