import { createCipheriv, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'
import type { KmsContext } from '../context.ts'
import { importMaterial } from '../material/import-material.ts'
import { type OpenedImport, openImport } from '../material/open-import.ts'
import type { TestWorld } from './test-world.ts'

/** Wraps symmetric material as its owner does: RSAES-OAEP with SHA-256. */
export function wrapMaterial(publicKey: Buffer, material: Uint8Array): Buffer {
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' })
  return publicEncrypt({ key, oaepHash: 'sha256' }, material)
}

/** Wraps a private key (PKCS#8 DER) under a temporary AES-256 key: RFC 5649. */
export function wrapPrivateKey(
  publicKey: Buffer,
  privateKey: Uint8Array,
  temporaryKey: Buffer = randomBytes(32),
): { wrappedMaterial: Buffer; wrappedPrivateKey: Buffer } {
  const cipher = createCipheriv('id-aes256-wrap-pad', temporaryKey, Buffer.from('A65959A6', 'hex'))
  return {
    wrappedMaterial: wrapMaterial(publicKey, temporaryKey),
    wrappedPrivateKey: Buffer.concat([cipher.update(privateKey), cipher.final()]),
  }
}

/** A fresh RSA_2048 private key as its owner has it. */
export const rsaPrivateKey = (): Buffer =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'der' })

/** Opens a set for a key and imports symmetric material with it. */
export async function importBytes(
  w: TestWorld,
  keyId: string,
  material: Uint8Array,
  options: { expiresAt?: Date; ctx?: KmsContext } = {},
): Promise<OpenedImport> {
  const ctx = options.ctx ?? w.ctx
  const { projectId } = w
  const set = await openImport(ctx, { projectId, keyId, wrappingAlgorithm: 'RSAES_OAEP_SHA_256' })
  await importMaterial(ctx, {
    projectId,
    keyId,
    importToken: set.importToken,
    wrappedMaterial: wrapMaterial(set.publicKey, material),
    expiresAt: options.expiresAt,
  })
  return set
}
