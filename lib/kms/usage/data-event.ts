import type { DataEvent } from '../audit/event.ts'
import type { Actor, KmsContext } from '../context.ts'
import { type ErrorCode, errorKmsCode } from '../model/errors.ts'
import { type KeyUse, keyUses } from '../model/key-use.ts'
import type { UseOfKey } from './record-use.ts'

/** What is held of a use until its event is written: names only, since a key and a context hold much more. */
export type NotedUse = {
  at: Date
  use: KeyUse
  refused: ErrorCode | null
  /** Account that owns the key. */
  ownerId: string
  keyId: string | null
  projectId: string | null
  /** Account of the caller. */
  accountId: string
  actor: Actor
  requestId: string
  sourceAddress: string | null
}

/**
 * Takes down a use, when it happens, for the event that is written with the next batch.
 *
 * @param ctx of the caller
 * @param at when it happened
 */
export function noteUse(ctx: KmsContext, { use, accountId, key, refused }: UseOfKey, at: Date): NotedUse {
  return {
    at,
    use,
    refused,
    ownerId: accountId,
    keyId: key?.id ?? null,
    projectId: key?.project_id ?? null,
    accountId: ctx.accountId,
    actor: ctx.actor,
    requestId: ctx.requestId,
    sourceAddress: ctx.sourceAddress,
  }
}

/** What the audit chain of the key's owner says of a use. */
export function dataEvent({ at, use, refused, actor, ...noted }: NotedUse): DataEvent {
  return {
    at: at.toISOString(),
    action: keyUses[use].event,
    outcome: refused ? 'refused' : 'done',
    error: refused ? errorKmsCode(refused) : null,
    actor: { kind: actor.kind, id: actor.id, name: actor.name } as DataEvent['actor'],
    account: noted.accountId,
    key: noted.keyId,
    project: noted.projectId,
    request: noted.requestId,
    address: noted.sourceAddress,
  }
}
