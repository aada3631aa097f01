import { createSecretKey, type KeyObject } from 'node:crypto'
import type { KeyMaterial } from '../crypto/key-material.ts'
import { LoadedMaterial } from '../crypto/loaded-material.ts'
import { privateKeyOf, publicKeyOf } from '../crypto/private-key.ts'
import { openMaterial } from '../crypto/sealed-material.ts'
import { KmsError } from '../model/errors.ts'
import { type KeySpec, materialShape } from '../model/key-spec.ts'
import { openAccountKey } from '../root-key/account-key.ts'
import type { RootKey } from '../root-key/root-key.ts'

/** A version of the material as it is stored. */
export type SealedVersion = { version: number; sealed: Uint8Array }

/** Where material belongs, and what is needed to open it. */
export type SealedSet = {
  rootKey: RootKey
  accountId: string
  setId: string
  spec: KeySpec
  /** Sealed under the root key. */
  accountKey: Uint8Array
  /** Every version that may be used now, the newest first; at least one. */
  versions: readonly SealedVersion[]
  /** From when one of them may not be used any more; null: never. */
  endsAt: Date | null
}

/**
 * The material of a key, opened when it is first asked for and then kept, with everything that is derived from it, until
 * this is disposed of. It can serve many operations, also at once.
 */
export class OpenedSet implements Disposable {
  readonly #set: SealedSet
  readonly #loaded = new Map<number, LoadedMaterial>()
  #privateKey: KeyObject | undefined
  #publicKey: KeyObject | undefined
  #macKey: KeyObject | undefined

  constructor(set: SealedSet) {
    this.#set = set
  }

  /** Version that new ciphertexts, signatures and MACs use. */
  get currentVersion(): number {
    return this.#set.versions[0]?.version ?? 0
  }

  /** From when it may not be used any more, by the database clock; null: never. */
  get endsAt(): Date | null {
    return this.#set.endsAt
  }

  /**
   * Symmetric material of a version, ready for many messages. It belongs to this set.
   *
   * @throws {KmsError} ciphertextInvalid when there is no such version
   */
  loaded(version: number): LoadedMaterial {
    const known = this.#loaded.get(version)
    if (known) return known
    const { accountId, setId, spec } = this.#set
    const shape = materialShape(spec)
    const cipher = shape.type === 'secret' && 'cipher' in shape ? shape.cipher : 'aes-256-gcm'
    const binding = { cipher, accountId, setId, materialVersion: version }
    const loaded = new LoadedMaterial(this.#open(version), binding, () => performance.now())
    this.#loaded.set(version, loaded)
    return loaded
  }

  /** The private key of an asymmetric key. */
  privateKey(): KeyObject {
    if (!this.#privateKey) {
      using material = this.#open(this.currentVersion)
      this.#privateKey = privateKeyOf(material)
    }
    return this.#privateKey
  }

  /** The public key of an asymmetric key, derived from the private one. */
  publicKey(): KeyObject {
    if (!this.#publicKey) {
      using material = this.#open(this.currentVersion)
      this.#publicKey = publicKeyOf(material)
    }
    return this.#publicKey
  }

  /** The secret of an HMAC key. */
  macKey(): KeyObject {
    if (!this.#macKey) {
      using material = this.#open(this.currentVersion)
      this.#macKey = createSecretKey(material.reveal())
    }
    return this.#macKey
  }

  [Symbol.dispose](): void {
    for (const loaded of this.#loaded.values()) loaded[Symbol.dispose]()
    this.#loaded.clear()
    this.#privateKey = undefined
    this.#publicKey = undefined
    this.#macKey = undefined
  }

  #open(version: number): KeyMaterial {
    const { rootKey, accountId, setId, spec, accountKey, versions } = this.#set
    const stored = versions.find((candidate) => candidate.version === version)
    if (!stored) throw new KmsError('ciphertextInvalid')
    using key = openAccountKey(rootKey, accountId, accountKey)
    return openMaterial(key, { accountId, setId, version, spec }, stored.sealed)
  }
}
