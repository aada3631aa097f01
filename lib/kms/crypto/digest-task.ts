import type { KeyObject } from 'node:crypto'
import type { DigestAlgorithm } from './digest-signature-sync.ts'

/**
 * What a worker thread is asked for. Keys go there as KeyObjects, which the two threads share by reference: no byte of
 * a private key is ever in a message.
 */
export type DigestTask =
  | { kind: 'sign'; algorithm: DigestAlgorithm; privateKey: KeyObject; digest: Uint8Array }
  | {
      kind: 'verify'
      algorithm: DigestAlgorithm
      publicKey: KeyObject
      digest: Uint8Array
      signature: Uint8Array
    }

/** What comes back: the signature that was asked for, or whether the one given is right. */
export type DigestResult = Uint8Array | boolean
