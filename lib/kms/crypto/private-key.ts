import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { KeyMaterial } from './key-material.ts'

/** The private key in opened material of an asymmetric key (PKCS#8 DER, checked when it was made or imported). */
export function privateKeyOf(material: KeyMaterial): KeyObject {
  return createPrivateKey({ key: material.reveal(), type: 'pkcs8', format: 'der' })
}

/**
 * The public key of opened material. It is always derived from the private key, which is sealed and authenticated: a
 * public key stored beside it could be exchanged by who can write the database, and then encrypts for them.
 */
export function publicKeyOf(material: KeyMaterial): KeyObject {
  return createPublicKey(privateKeyOf(material))
}
