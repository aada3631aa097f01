import { randomFillSync } from 'node:crypto'
import { type AeadCipher, decryptAead, encryptAead, ivBytes, tagBytes } from './aead.ts'
import { DecryptionFailed } from './decryption-failed.ts'
import {
  type Envelope,
  type EnvelopeKind,
  envelopeBytesMin,
  headerBytes,
  parseEnvelope,
  writeHeader,
} from './envelope-layout.ts'
import { idBytes } from './id-bytes.ts'
import type { KeyMaterial } from './key-material.ts'
import { deriveMessageKey, freshMessageKey, type MessageKey } from './message-key.ts'
import { pad, unpaddedLength } from './padding.ts'

/** Whose an envelope is and which material seals it. Ids are UUIDs or 32 hex digits. */
export type EnvelopeBinding = {
  cipher: AeadCipher
  accountId: string
  setId: string
  /** 0 to 2^32 - 1. */
  materialVersion: number
}

/** The binding with its ids as bytes, so that a loaded material parses them once. */
export type BindingBytes = {
  cipher: AeadCipher
  accountId: Buffer
  setId: Buffer
  materialVersion: number
}

export function bindingBytes(binding: EnvelopeBinding): BindingBytes {
  return {
    cipher: binding.cipher,
    accountId: idBytes(binding.accountId),
    setId: idBytes(binding.setId),
    materialVersion: binding.materialVersion,
  }
}

/**
 * Every header byte ‖ account (16) ‖ length of the caller's associated data (4, big-endian) ‖ that data. With the
 * fixed lengths and the explicit one, two different inputs never give the same bytes.
 */
function associatedData(header: Uint8Array, accountId: Uint8Array, callerData: Uint8Array): Buffer {
  const fixed = headerBytes + accountId.byteLength
  const bytes = Buffer.allocUnsafe(fixed + 4 + callerData.byteLength)
  bytes.set(header)
  bytes.set(accountId, headerBytes)
  bytes.writeUInt32BE(callerData.byteLength, fixed)
  bytes.set(callerData, fixed + 4)
  return bytes
}

/** Seals under a given message key. The IV is random for each message. */
export function sealUnder(
  messageKey: MessageKey,
  binding: BindingBytes,
  kind: EnvelopeKind,
  plaintext: Uint8Array,
  callerData: Uint8Array,
): Buffer {
  const padded = pad(plaintext)
  const iv = randomFillSync(Buffer.allocUnsafe(ivBytes))
  const envelope = Buffer.allocUnsafe(envelopeBytesMin + padded.byteLength)
  writeHeader(envelope, {
    kind,
    setId: binding.setId,
    materialVersion: binding.materialVersion,
    salt: messageKey.salt,
    iv,
  })
  const bound = associatedData(envelope.subarray(0, headerBytes), binding.accountId, callerData)
  const [ciphertext, tag] = encryptAead(binding.cipher, messageKey.key, iv, bound, padded)
  padded.fill(0)
  envelope.set(ciphertext, headerBytes)
  envelope.set(tag, envelope.byteLength - tagBytes)
  return envelope
}

/** Opens under a given message key; see `openEnvelope` for what is thrown. */
export function openUnder(
  messageKey: MessageKey,
  binding: BindingBytes,
  envelope: Envelope,
  callerData: Uint8Array,
): Buffer {
  const bound = associatedData(envelope.header, binding.accountId, callerData)
  const padded = decryptAead(
    binding.cipher,
    messageKey.key,
    envelope.iv,
    bound,
    envelope.ciphertext,
    envelope.tag,
  )
  const length = unpaddedLength(padded)
  if (length === undefined) throw new DecryptionFailed()
  return padded.subarray(0, length)
}

/**
 * Checks that an envelope claims to be of this kind and sealed by this material. The claim is authenticated on
 * opening; checking it first keeps one kind or version from ever being tried as another.
 *
 * @throws {DecryptionFailed}
 */
export function requireBinding(envelope: Envelope, binding: BindingBytes, kind: EnvelopeKind): void {
  const sameSet = binding.setId.equals(envelope.setIdBytes)
  if (envelope.kind !== kind || !sameSet || envelope.materialVersion !== binding.materialVersion) {
    throw new DecryptionFailed()
  }
}

/**
 * Seals one message under a salt of its own. For many messages under one material use `LoadedMaterial`, which
 * derives once.
 *
 * @param callerData associated data that must be given again to open; empty when there is none.
 */
export function sealEnvelope(
  material: KeyMaterial,
  binding: EnvelopeBinding,
  kind: EnvelopeKind,
  plaintext: Uint8Array,
  callerData: Uint8Array,
): Buffer {
  const messageKey = freshMessageKey(material, binding.cipher, kind)
  return sealUnder(messageKey, bindingBytes(binding), kind, plaintext, callerData)
}

/**
 * Opens one envelope.
 *
 * @throws {DecryptionFailed} if anything at all is not as it was sealed: a bit, the length, the kind, the material,
 * its set or version, the account, the caller's associated data. The error does not say which.
 */
export function openEnvelope(
  material: KeyMaterial,
  binding: EnvelopeBinding,
  kind: EnvelopeKind,
  sealed: Uint8Array,
  callerData: Uint8Array,
): Buffer {
  const envelope = parseEnvelope(sealed)
  const bytes = bindingBytes(binding)
  requireBinding(envelope, bytes, kind)
  const messageKey = deriveMessageKey(material, binding.cipher, kind, envelope.salt)
  return openUnder(messageKey, bytes, envelope, callerData)
}
