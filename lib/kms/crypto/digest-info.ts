import type { SigningHash } from './signing-algorithm.ts'

/** The DER of everything in a DigestInfo before the digest (RFC 8017 §9.2, note 1). */
const prefixes = {
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha384: Buffer.from('3041300d060960864801650304020205000430', 'hex'),
  sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
} as const satisfies Record<SigningHash, Buffer>

/** The DigestInfo that PKCS #1 v1.5 signs in place of a digest. */
export function digestInfo(hash: SigningHash, digest: Uint8Array): Buffer {
  return Buffer.concat([prefixes[hash], digest])
}
