import type { DataEvent } from '../audit/event.ts'
import type { KmsContext } from '../context.ts'
import { errorKmsCode } from '../model/errors.ts'
import { keyUses } from '../model/key-use.ts'
import type { UseOfKey } from './record-use.ts'

/** What the audit chain of the key's owner says of a use. */
export function dataEvent(ctx: KmsContext, { use, key, refused }: UseOfKey, at: Date): DataEvent {
  const { actor } = ctx
  return {
    at: at.toISOString(),
    action: keyUses[use].event,
    outcome: refused ? 'refused' : 'done',
    error: refused ? errorKmsCode(refused) : null,
    actor: { kind: actor.kind, id: actor.id, name: actor.name } as DataEvent['actor'],
    account: ctx.accountId,
    key: key?.id ?? null,
    project: key?.project_id ?? null,
    request: ctx.requestId,
    address: ctx.sourceAddress,
  }
}
