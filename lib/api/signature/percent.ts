const hexDigit = (byte: number | undefined): number => {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

const isUnreserved = (byte: number): boolean => /[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte))

const encoded: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  isUnreserved(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
)

/** Percent-encodes every byte but the unreserved ones, `A-Z a-z 0-9 - . _ ~` (RFC 3986 §2.3). */
export function percentEncode(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += encoded[byte]
  return text
}

/**
 * The bytes behind `%XX` escapes. An escape that is not one stays as it is, so nothing can fail here.
 *
 * @param which `non-ascii` leaves escapes of ASCII characters alone
 */
export function percentDecode(bytes: Uint8Array, which: 'all' | 'non-ascii' = 'all'): Uint8Array {
  const decoded = new Uint8Array(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const high = bytes[at] === 0x25 ? hexDigit(bytes[at + 1]) : -1
    const low = high < 0 ? -1 : hexDigit(bytes[at + 2])
    const byte = high * 16 + low
    if (low >= 0 && (which === 'all' || byte >= 0x80)) {
      decoded[length++] = byte
      at += 2
    } else {
      decoded[length++] = bytes[at] ?? 0
    }
  }
  return decoded.subarray(0, length)
}
