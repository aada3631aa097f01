/**
 * The one error for everything that can go wrong while opening sealed bytes: too short, unknown version, wrong kind,
 * wrong key, wrong associated data, changed bytes. It says no more and carries no cause, because a caller who can
 * tell these apart can use the difference as an oracle (RFC 7516 §11.5 gives the same advice).
 */
export class DecryptionFailed extends Error {
  constructor() {
    super('Decryption failed')
    this.name = 'DecryptionFailed'
  }
}
