import { createHmac } from 'node:crypto'
import type { KeyMaterial } from '#lib/kms/crypto/key-material.ts'

const inspect = Symbol.for('nodejs.util.inspect.custom')

/**
 * The key at the top: it seals account keys, audit keys, the secret of the sessions and access keys' secrets, and
 * never leaves the process. Printing it shows the beginning of its id and no byte of the key.
 */
export class RootKey {
  /** HMAC-SHA-256(root key, "id"), 32 bytes: tells whether this is the key a database was sealed with. */
  readonly id: Buffer
  readonly material: KeyMaterial

  /** @param material 32 bytes; the root key owns it from now on. */
  constructor(material: KeyMaterial) {
    if (material.length !== 32) throw new RangeError('A root key has 32 bytes')
    this.material = material
    this.id = createHmac('sha256', material.reveal()).update('id').digest()
  }

  /** Whether this is the root key with the given id. */
  hasId(id: Uint8Array): boolean {
    return this.id.equals(id)
  }

  toString(): string {
    return `[root key ${this.id.toString('hex', 0, 4)}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect](): string {
    return this.toString()
  }
}
