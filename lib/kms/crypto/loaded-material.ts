import {
  type BindingBytes,
  bindingBytes,
  type EnvelopeBinding,
  openUnder,
  requireBinding,
  sealUnder,
} from './envelope.ts'
import { type EnvelopeKind, parseEnvelope } from './envelope-layout.ts'
import type { KeyMaterial } from './key-material.ts'
import { deriveMessageKey, freshMessageKey, type MessageKey } from './message-key.ts'

/** A new salt is drawn after this many messages: half of what random IVs allow per key (NIST SP 800-38D §8.3). */
export const messagesPerSaltMax = 2 ** 31

/** A new salt is drawn after this long, in milliseconds. */
export const saltAgeMax = 24 * 60 * 60 * 1000

/** How many message keys of other salts are remembered for opening: ten thousand keys may be loaded at once. */
const openedSaltsMax = 16

type CurrentKey = { messageKey: MessageKey; since: number; messages: number }

/**
 * One version of a symmetric key's material, loaded into this process and ready for many messages. It draws a salt of
 * its own for each kind when first used, and a new one after 2^31 messages or 24 hours, so the derivation (17 µs,
 * measured) is not paid for each message. It owns the material: disposing it disposes that too.
 */
export class LoadedMaterial implements Disposable {
  readonly #material: KeyMaterial
  readonly #binding: BindingBytes
  readonly #elapsed: () => number
  readonly #messagesMax: number
  readonly #current = new Map<EnvelopeKind, CurrentKey>()
  readonly #opened = new Map<string, MessageKey>()

  /**
   * @param elapsed the time in milliseconds of a clock that never runs backwards, as `performance.now` is.
   * @param messagesMax for tests; production uses the default.
   */
  constructor(
    material: KeyMaterial,
    binding: EnvelopeBinding,
    elapsed: () => number,
    messagesMax: number = messagesPerSaltMax,
  ) {
    this.#material = material
    this.#binding = bindingBytes(binding)
    this.#elapsed = elapsed
    this.#messagesMax = messagesMax
  }

  /** Seals one message; `callerData` must be given again to open it. */
  seal(kind: EnvelopeKind, plaintext: Uint8Array, callerData: Uint8Array): Buffer {
    return sealUnder(this.#keyForSealing(kind), this.#binding, kind, plaintext, callerData)
  }

  /**
   * Opens one envelope of exactly this kind.
   *
   * @throws {DecryptionFailed} without a reason; see `openEnvelope`.
   */
  open(kind: EnvelopeKind, sealed: Uint8Array, callerData: Uint8Array): Buffer {
    const envelope = parseEnvelope(sealed)
    requireBinding(envelope, this.#binding, kind)
    const name = saltName(kind, envelope.salt)
    // The salt is copied: it is a view into a request that would otherwise be kept alive as long as the key.
    const messageKey =
      this.#opened.get(name) ??
      deriveMessageKey(this.#material, this.#binding.cipher, kind, Uint8Array.from(envelope.salt))
    const plaintext = openUnder(messageKey, this.#binding, envelope, callerData)
    // Only now: forged envelopes with invented salts must not push out the keys that are in use.
    this.#remember(name, messageKey)
    return plaintext
  }

  [Symbol.dispose](): void {
    this.#current.clear()
    this.#opened.clear()
    this.#material[Symbol.dispose]()
  }

  #keyForSealing(kind: EnvelopeKind): MessageKey {
    const now = this.#elapsed()
    let current = this.#current.get(kind)
    if (!current || current.messages >= this.#messagesMax || now - current.since >= saltAgeMax) {
      const messageKey = freshMessageKey(this.#material, this.#binding.cipher, kind)
      current = { messageKey, since: now, messages: 0 }
      this.#current.set(kind, current)
      this.#remember(saltName(kind, messageKey.salt), messageKey)
    }
    current.messages += 1
    return current.messageKey
  }

  /** Keeps the most recently used message keys: a Map iterates in the order of insertion. */
  #remember(name: string, messageKey: MessageKey): void {
    this.#opened.delete(name)
    this.#opened.set(name, messageKey)
    if (this.#opened.size <= openedSaltsMax) return
    for (const oldest of this.#opened.keys()) {
      this.#opened.delete(oldest)
      return
    }
  }
}

function saltName(kind: EnvelopeKind, salt: Uint8Array): string {
  return `${kind} ${Buffer.from(salt.buffer, salt.byteOffset, salt.byteLength).toString('latin1')}`
}
