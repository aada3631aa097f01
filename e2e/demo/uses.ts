import { randomUUID } from 'node:crypto'
import type { KmsContext } from '#lib/kms/context.ts'
import { listKeys } from '#lib/kms/keys/list-keys.ts'
import { peekKey } from '#lib/kms/keys/lock-key.ts'
import { keyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { KeyUsage } from '#lib/kms/model/key-spec.ts'
import type { KeyUse } from '#lib/kms/model/key-use.ts'
import { dayMilliseconds } from '#lib/kms/model/limits.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { BatchedUseRecorder } from '#lib/kms/usage/use-recorder.ts'

const usesOf: Record<KeyUsage, readonly KeyUse[]> = {
  ENCRYPT_DECRYPT: ['createDataKey', 'decryptDataKey', 'encryptData', 'decryptData'],
  SIGN_VERIFY: ['sign', 'verify'],
  GENERATE_VERIFY_MAC: ['generateMac', 'verifyMac'],
}

/** Calls of the last 30 days, by turns; some keys are not called any more. */
const callsOf = [42, 318, 7, 0, 126, 91, 15, 204]

/** Days since the last call of a Disabled key, so that its callers seem to have noticed. */
const quietDays = 12

/**
 * Records what the services of a demo world do with the keys of a project: Enabled keys are called, Disabled ones were
 * called before, and one service has not noticed. Nothing is encrypted: only that it happened is recorded.
 */
export async function recordDemoUses(ctx: KmsContext, projectId: string, until: number): Promise<void> {
  let at = new Date(until)
  const log = { warn: console.error }
  const recorder = new BatchedUseRecorder({ db: ctx.db, rootKey: ctx.rootKey, log, clock: () => at })
  const { keys } = await listKeys(ctx, keyListInput.parse({ projectId, pageSize: 100 }))
  const caller: KmsContext = {
    ...ctx,
    actor: { kind: 'user', id: randomUUID(), name: 'billing-export' },
    requestId: randomUUID(),
    sourceAddress: '10.20.8.3',
  }
  const disabled = keys.filter((key) => key.state === '3')
  for (const [index, { id, state }] of keys.entries()) {
    if (state !== '2' && state !== '3') continue
    const key = await inTransaction(ctx, (tx) => peekKey(tx, projectId, id))
    const quiet = state === '3' ? quietDays : (index % 5) / 8
    const usual = callsOf[index % callsOf.length] ?? 0
    const calls = usual && usual + ((index * 13) % 37)
    const uses = usesOf[key.usage]
    for (let call = 0; call < calls; call++) {
      at = new Date(until - (quiet + ((29 - quiet) * call) / calls) * dayMilliseconds)
      const use = uses[call % uses.length] as KeyUse
      recorder.add(caller, { use, accountId: ctx.accountId, key, refused: null })
    }
    if (id !== disabled[0]?.id) continue
    for (let call = 0; call < 9; call++) {
      at = new Date(until - (10 - call) * 3_600_000)
      const use = uses[0] as KeyUse
      recorder.add(caller, { use, accountId: ctx.accountId, key, refused: 'keyDisabled' })
    }
  }
  await recorder.stop()
}
