import { createHmac } from 'node:crypto'
import type { Actor } from '../context.ts'

/**
 * What is recorded of one attempt. Names of actions are those of the product's audit service (Huawei KMS, audit
 * events); `destroyKey`, `expireKeyMaterial`, `rotateKey`, `dataEvents`, sign-in and user management have no name there and are ours.
 */
export type AuditEvent = {
  action: string
  outcome: 'done' | 'refused'
  resourceType?: 'cmk' | 'user' | 'session' | 'project' | 'change' | 'installation'
  resourceId?: string
  resourceName?: string
  projectId?: string
  /** Facts about the attempt; never a secret, never key material. */
  details?: Record<string, string | number | boolean | null>
  /** Uses of keys since the last such event: one link of the chain holds many, since they are too many for one each. */
  uses?: readonly DataEvent[]
}

/** One use of a key, done or refused; never its data. */
export type DataEvent = {
  /** ISO 8601, in UTC, by the clock of the process that answered. */
  at: string
  /** Name of the product's audit service. */
  action: string
  outcome: 'done' | 'refused'
  /** Code of the API, of a refusal. */
  error: string | null
  actor: Actor
  /** Account of the actor: another one's for a use that was granted to it. */
  account: string
  /** Null: it was refused before the key was known, or uses none. */
  key: string | null
  project: string | null
  request: string
  address: string | null
}

/** Who attempted it and from where. */
export type AuditOrigin = { actor: Actor | null; requestId: string; sourceAddress: string | null }

/** MAC before the first event of a chain. */
export const noMac = Buffer.alloc(32)

/**
 * The bytes that are authenticated and stored: one JSON text that carries the chain, its place in it and the MAC of
 * the event before. Verification reads these bytes and never makes them again.
 */
export function eventBody(
  chainId: string,
  seq: bigint,
  at: Date,
  previous: Buffer,
  origin: AuditOrigin,
  event: AuditEvent,
): string {
  return JSON.stringify({
    chain: chainId,
    seq: Number(seq),
    at: at.toISOString(),
    previous: previous.toString('hex'),
    action: event.action,
    outcome: event.outcome,
    actor: origin.actor && { kind: origin.actor.kind, id: origin.actor.id, name: origin.actor.name },
    resource: event.resourceId
      ? { type: event.resourceType ?? 'cmk', id: event.resourceId, name: event.resourceName ?? null }
      : null,
    project: event.projectId ?? null,
    request: origin.requestId,
    address: origin.sourceAddress,
    details: event.details ?? {},
    ...(event.uses ? { uses: event.uses } : {}),
  })
}

/** The link: HMAC-SHA-256 over the body, which names its predecessor. */
export function eventMac(auditKey: Uint8Array, body: string | Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.from(createHmac('sha256', auditKey).update('keystead audit event\0').update(body).digest())
}

/** Authenticates how long the chain is; without it, whoever writes the database could cut off its end unseen. */
export function headMac(
  auditKey: Uint8Array,
  chainId: string,
  seq: bigint,
  lastMac: Uint8Array,
): Buffer<ArrayBuffer> {
  const mac = createHmac('sha256', auditKey).update(`keystead audit head\0${chainId}\0${seq}\0`)
  return Buffer.from(mac.update(lastMac).digest())
}
