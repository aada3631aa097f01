const blockBytes = 16

/**
 * At least this much is encrypted, so that the shortest ciphertext, in base64, is inside what clients accept
 * (Huawei KMS, decrypt data: 128 to 5,648 characters, 188 in older editions). With the 66 other bytes of the
 * envelope, 80 give 196 characters, and 4,096 bytes of plaintext give 5,572.
 */
const paddedBytesMin = 80

/**
 * A copy of the plaintext, then 0x80, then zeros to a multiple of 16 bytes (ISO/IEC 7816-4). It goes *inside* the
 * authenticated encryption, so removing it is no oracle; beyond the length bounds it hides the exact length.
 */
export function pad(plaintext: Uint8Array): Buffer {
  const blocks = Math.floor(plaintext.byteLength / blockBytes) + 1
  const padded = Buffer.alloc(Math.max(blocks * blockBytes, paddedBytesMin))
  padded.set(plaintext)
  padded[plaintext.byteLength] = 0x80
  return padded
}

/** How many bytes of the padded text are the plaintext, or undefined if `pad` did not make it. */
export function unpaddedLength(padded: Uint8Array): number | undefined {
  if (padded.byteLength < paddedBytesMin || padded.byteLength % blockBytes !== 0) return undefined
  let end = padded.byteLength - 1
  while (end > 0 && padded[end] === 0) end -= 1
  return padded[end] === 0x80 ? end : undefined
}
