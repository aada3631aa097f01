import { constants, type KeyObject, publicEncrypt, subtle } from 'node:crypto'
import { asymmetricCost } from './asymmetric-cost.ts'
import { offLoop } from './asymmetric-work.ts'
import { DecryptionFailed } from './decryption-failed.ts'

/** The hash of RSAES-OAEP, its label hash and its MGF1, by their OpenSSL names. */
export type OaepHash = 'sha256' | 'sha1'

const webNames = { sha256: 'SHA-256', sha1: 'SHA-1' } as const satisfies Record<OaepHash, string>
const hashLengths = { sha256: 32, sha1: 20 } as const satisfies Record<OaepHash, number>

/** The most bytes one encryption holds: k - 2 hLen - 2 (RFC 8017 §7.1.1). */
export function oaepBytesMax(key: KeyObject, hash: OaepHash): number {
  return bytesOf(key) - 2 * hashLengths[hash] - 2
}

/** k of RFC 8017: how many bytes the modulus has, and with it every ciphertext. */
const bytesOf = (key: KeyObject): number => (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8

/**
 * RSAES-OAEP-ENCRYPT (RFC 8017 §7.1.1). It is done here and now: 22 to 86 µs (measured), about what handing it to a
 * thread costs.
 *
 * @param plaintext at most `oaepBytesMax`
 * @param label must be given again to decrypt; empty when others encrypt with the public key alone
 */
export function encryptOaep(
  publicKey: KeyObject,
  hash: OaepHash,
  plaintext: Uint8Array,
  label: Uint8Array,
): Buffer {
  return publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash, oaepLabel: label },
    plaintext,
  )
}

/**
 * RSAES-OAEP-DECRYPT (RFC 8017 §7.1.2) in libuv's thread pool, which `privateDecrypt` of Node cannot.
 *
 * @throws {DecryptionFailed} whatever is wrong with the ciphertext or the label
 * @throws {KmsError} `busy`, see `offLoop`
 */
export function decryptOaep(
  privateKey: KeyObject,
  hash: OaepHash,
  ciphertext: Uint8Array,
  label: Uint8Array,
): Promise<Buffer> {
  const key = webKey(privateKey, hash)
  // Copies: web crypto takes no view of a shared buffer.
  const parameters = { name: 'RSA-OAEP', label: Uint8Array.from(label) }
  const sealed = Uint8Array.from(ciphertext)
  return offLoop(asymmetricCost('decrypt', privateKey), async () => {
    // RFC 8017 §7.1.2, step 1b: OpenSSL reads a number, for which zeros at the front make no difference.
    if (sealed.byteLength !== bytesOf(privateKey)) throw new DecryptionFailed()
    try {
      return Buffer.from(await subtle.decrypt(parameters, key, sealed))
    } catch {
      throw new DecryptionFailed()
    }
  })
}

type WebKey = ReturnType<KeyObject['toCryptoKey']>

const webKeys = new WeakMap<KeyObject, Partial<Record<OaepHash, WebKey>>>()

/** The form that web crypto wants. A KeyObject that is kept keeps it too: making it costs more than waiting for it. */
function webKey(privateKey: KeyObject, hash: OaepHash): WebKey {
  const known = webKeys.get(privateKey) ?? {}
  const key =
    known[hash] ?? privateKey.toCryptoKey({ name: 'RSA-OAEP', hash: webNames[hash] }, false, ['decrypt'])
  webKeys.set(privateKey, { ...known, [hash]: key })
  return key
}
