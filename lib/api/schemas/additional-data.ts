import * as z from 'zod'
import { KmsError } from '#lib/kms/model/errors.ts'
import { storableText } from './fields.ts'
import { refusedWith } from './refused-with.ts'

const bytesMax = 128
const contextCharactersMax = 8192

const text = z
  .string()
  .refine((value) => value.isWellFormed() && Buffer.byteLength(value) <= bytesMax, {
    error: `must be text of at most ${bytesMax} bytes`,
  })
  .meta({ description: `Must be given again to decrypt; at most ${bytesMax} bytes.` })

/** Data that is bound to a ciphertext but not part of it. */
export const additionalAuthenticatedData = text.optional()

/** The older form: names and values. */
const encryptionContext = refusedWith(
  'encryptionContextInvalid',
  z
    .record(storableText(contextCharactersMax), storableText(contextCharactersMax))
    .refine((context) => JSON.stringify(context).length <= contextCharactersMax)
    .meta({ description: 'The older form of additional_authenticated_data; not both.' }),
).optional()

/** The two fields by which a call may bind data to a ciphertext. */
export const additionalDataFields = {
  additional_authenticated_data: additionalAuthenticatedData,
  encryption_context: encryptionContext,
}

/**
 * The bytes to bind: the text as UTF-8; a context as JSON with its names sorted, so that their order does not matter.
 *
 * @throws {KmsError} encryptionContextInvalid when both forms are given
 */
export function additionalDataOf(body: {
  additional_authenticated_data?: string | undefined
  encryption_context?: Record<string, string> | undefined
}): Buffer | undefined {
  const { additional_authenticated_data: data, encryption_context: context } = body
  if (context === undefined) return data === undefined ? undefined : Buffer.from(data)
  if (data !== undefined) {
    throw new KmsError('encryptionContextInvalid', {
      message: 'Give additional_authenticated_data or encryption_context, not both.',
    })
  }
  const sorted = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.from(JSON.stringify(sorted))
}
