import type { KeySpec } from '#lib/kms/model/key-spec.ts'

/** What the generating child is asked over its IPC channel. */
export type GenerationRequest = { id: number; spec: KeySpec }

/** What it answers. Bytes travel as bytes: the channel uses structured cloning, not JSON. */
export type GenerationReply =
  | { id: number; privateKey: Uint8Array; publicKey: Uint8Array }
  | { id: number; failure: string }
