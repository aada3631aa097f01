const id = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/

/**
 * The 16 bytes of an id written as a UUID or as 32 hex digits, in lower case.
 *
 * @throws {RangeError} for anything else; ids reach the cryptography from our own tables, so this is a mistake of ours.
 */
export function idBytes(text: string): Buffer {
  if (!id.test(text)) throw new RangeError('An id must be a UUID or 32 hex digits')
  return Buffer.from(text.replaceAll('-', ''), 'hex')
}

/** The UUID of 16 bytes, in lower case and with hyphens, as Postgres prints it. */
export function idText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
