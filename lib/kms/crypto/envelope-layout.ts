import { ivBytes, tagBytes } from './aead.ts'
import { DecryptionFailed } from './decryption-failed.ts'
import { idText } from './id-bytes.ts'

/**
 * What an envelope holds. Kinds need different rights to open, so each has message keys of its own (the kind is in
 * the derivation) and is named in the authenticated header: one is never opened as another.
 */
export type EnvelopeKind =
  | 'data'
  | 'data key'
  | 'data key pair'
  | 'import token'
  | 'sealed material'
  | 'sealed secret'

/** The byte of each kind. Written into ciphertexts that others keep: never renumber, never reuse. */
const kindBytes = {
  data: 1,
  'data key': 2,
  'data key pair': 3,
  'import token': 4,
  'sealed material': 5,
  'sealed secret': 6,
} as const satisfies Record<EnvelopeKind, number>

const kindsByByte = new Map<number, EnvelopeKind>(
  Object.entries(kindBytes).map(([kind, byte]) => [byte, kind as EnvelopeKind]),
)

const layoutVersion = 1
const setIdLength = 16
export const saltBytes = 16

/**
 * version (1) ‖ kind (1) ‖ material set id (16) ‖ material version (4, big-endian) ‖ salt (16) ‖ IV (12) ‖
 * ciphertext ‖ tag (16).
 */
const setIdAt = 2
const materialVersionAt = setIdAt + setIdLength
const saltAt = materialVersionAt + 4
const ivAt = saltAt + saltBytes

export const headerBytes = ivAt + ivBytes

/** Nothing shorter is an envelope; checked before anything is sliced. */
export const envelopeBytesMin = headerBytes + tagBytes

export type EnvelopeHeader = {
  kind: EnvelopeKind
  /** The id of the material set, as a UUID. */
  setId: string
  materialVersion: number
}

export type Envelope = EnvelopeHeader & {
  /** Every byte before the ciphertext: all of them are authenticated. */
  header: Uint8Array
  setIdBytes: Uint8Array
  salt: Uint8Array
  iv: Uint8Array
  ciphertext: Uint8Array
  tag: Uint8Array
}

/** Writes every byte before the ciphertext into the beginning of `target`. */
export function writeHeader(
  target: Buffer,
  fields: {
    kind: EnvelopeKind
    setId: Uint8Array
    materialVersion: number
    salt: Uint8Array
    iv: Uint8Array
  },
): void {
  target[0] = layoutVersion
  target[1] = kindBytes[fields.kind]
  target.set(fields.setId, setIdAt)
  target.writeUInt32BE(fields.materialVersion, materialVersionAt)
  target.set(fields.salt, saltAt)
  target.set(fields.iv, ivAt)
}

/**
 * Takes an envelope apart without opening it: this is how the key of a ciphertext is found. Nothing in the answer
 * is authentic until the envelope has been opened. The parts are views into `bytes`, not copies.
 *
 * @throws {DecryptionFailed} if the bytes are too short or of an unknown version or kind.
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.byteLength < envelopeBytesMin) throw new DecryptionFailed()
  const kind = kindsByByte.get(bytes[1] ?? 0)
  if (bytes[0] !== layoutVersion || kind === undefined) throw new DecryptionFailed()
  const setIdBytes = bytes.subarray(setIdAt, materialVersionAt)
  const tagAt = bytes.byteLength - tagBytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    kind,
    setId: idText(setIdBytes),
    setIdBytes,
    materialVersion: view.getUint32(materialVersionAt),
    header: bytes.subarray(0, headerBytes),
    salt: bytes.subarray(saltAt, ivAt),
    iv: bytes.subarray(ivAt, headerBytes),
    ciphertext: bytes.subarray(headerBytes, tagAt),
    tag: bytes.subarray(tagAt),
  }
}
