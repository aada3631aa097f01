import { randomBytes } from 'node:crypto'

const redacted = '[redacted]'

/** The symbol that `util.inspect` and `console.log` look for (Node, "Custom inspection functions on objects"). */
const inspect = Symbol.for('nodejs.util.inspect.custom')

/**
 * Secret bytes that cannot be printed by accident: `String()`, template literals, `JSON.stringify`, `util.inspect`
 * and `structuredClone` show no byte of them. The only way to the bytes is `reveal()`, which is easy to search for.
 * Disposing overwrites them; afterwards `reveal()` throws.
 *
 * Overwriting is best effort: a copy that OpenSSL made for a KeyObject lives until that object is collected.
 */
export class KeyMaterial implements Disposable {
  readonly #bytes: Buffer
  #disposed = false

  private constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Moves the bytes into a buffer of their own (never Node's shared pool) and overwrites the given ones. */
  static take(bytes: Uint8Array): KeyMaterial {
    const own = Buffer.allocUnsafeSlow(bytes.byteLength)
    own.set(bytes)
    bytes.fill(0)
    return new KeyMaterial(own)
  }

  /** Fresh random bytes from the system's generator. */
  static random(length: number): KeyMaterial {
    return KeyMaterial.take(randomBytes(length))
  }

  get length(): number {
    return this.#bytes.byteLength
  }

  /**
   * The bytes themselves, not a copy: they become zeros when the material is disposed.
   *
   * @throws {Error} after disposal, so that zeros are never taken for a key.
   */
  reveal(): Buffer {
    if (this.#disposed) throw new Error('This key material has been disposed of')
    return this.#bytes
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    this.#bytes.fill(0)
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [inspect](): string {
    return redacted
  }
}
