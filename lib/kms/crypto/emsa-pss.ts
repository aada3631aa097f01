import { hash as hashOnce, timingSafeEqual } from 'node:crypto'
import { hashBytes, type SigningHash } from './signing-algorithm.ts'

/**
 * EMSA-PSS-ENCODE (RFC 8017 §9.1.1) of a digest, with MGF1 over the same hash. Node signs with PSS only what it has
 * hashed itself.
 *
 * @param digest the hash of the message, `hashBytes[hash]` long
 * @param salt random bytes; signatures of Keystead use as many as the hash has
 * @param modulusBits of the key that will sign; a multiple of 8
 */
export function encodePss(
  hash: SigningHash,
  digest: Uint8Array,
  salt: Uint8Array,
  modulusBits: number,
): Buffer {
  const { length, maskedBytes } = layout(hash, modulusBits)
  const h = hashOfPadded(hash, digest, salt)
  const block = Buffer.alloc(maskedBytes)
  block[maskedBytes - salt.byteLength - 1] = 0x01
  block.set(salt, maskedBytes - salt.byteLength)
  xorMask(block, hash, h)
  clearTopBit(block)
  const encoded = Buffer.alloc(length)
  encoded.set(block)
  encoded.set(h, maskedBytes)
  encoded[length - 1] = 0xbc
  return encoded
}

/** EMSA-PSS-VERIFY (RFC 8017 §9.1.2) with a salt as long as the hash. */
export function isPssEncoding(
  hash: SigningHash,
  digest: Uint8Array,
  encoded: Uint8Array,
  modulusBits: number,
): boolean {
  const { length, maskedBytes, saltAt } = layout(hash, modulusBits)
  const topBit = (encoded[0] ?? 0x80) & 0x80
  if (encoded.byteLength !== length || encoded[length - 1] !== 0xbc || topBit !== 0) return false
  const h = encoded.subarray(maskedBytes, length - 1)
  const block = Buffer.from(encoded.subarray(0, maskedBytes))
  xorMask(block, hash, h)
  clearTopBit(block)
  const separator = saltAt - 1
  if (block[separator] !== 0x01 || block.subarray(0, separator).some((byte) => byte !== 0)) return false
  return timingSafeEqual(h, hashOfPadded(hash, digest, block.subarray(saltAt)))
}

/** maskedDB ‖ H ‖ 0xbc, where DB = zeros ‖ 0x01 ‖ salt. The encoding is one bit shorter than the modulus. */
function layout(
  hash: SigningHash,
  modulusBits: number,
): { length: number; maskedBytes: number; saltAt: number } {
  const length = modulusBits / 8
  const maskedBytes = length - hashBytes[hash] - 1
  return { length, maskedBytes, saltAt: maskedBytes - hashBytes[hash] }
}

function hashOfPadded(hash: SigningHash, digest: Uint8Array, salt: Uint8Array): Buffer {
  return hashOnce(hash, Buffer.concat([Buffer.alloc(8), digest, salt]), 'buffer')
}

/** XORs MGF1(seed) onto the block (RFC 8017 §B.2.1). */
function xorMask(block: Buffer, hash: SigningHash, seed: Uint8Array): void {
  const input = Buffer.concat([seed, Buffer.alloc(4)])
  for (let at = 0, round = 0; at < block.byteLength; round++) {
    input.writeUInt32BE(round, seed.byteLength)
    // In one call: a Hash object for each round doubles what an encoding costs.
    for (const byte of hashOnce(hash, input, 'buffer')) {
      if (at === block.byteLength) return
      block[at] = (block[at] ?? 0) ^ byte
      at++
    }
  }
}

function clearTopBit(block: Buffer): void {
  block[0] = (block[0] ?? 0) & 0x7f
}
