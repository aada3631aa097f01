/** Thrown for a text that has no UTF-8 form. */
export class MalformedText extends Error {
  constructor() {
    super('The text contains an unpaired surrogate')
    this.name = 'MalformedText'
  }
}

/**
 * The UTF-8 bytes of a text. Unpaired surrogates are refused: Node would silently write U+FFFD in their place, and
 * the caller would get back another text than the one that was sealed.
 *
 * @throws {MalformedText}
 */
export function textBytes(text: string): Buffer {
  if (!text.isWellFormed()) throw new MalformedText()
  return Buffer.from(text, 'utf8')
}
