import * as z from 'zod'
import { codePoints } from '#lib/kms/model/limits.ts'
import { refusedWith } from './refused-with.ts'

/** Fields that many calls share. Source: Huawei KMS, API conventions and the tables of each family. */

/** Names a key: its id, `alias/<name>`, or the URN of an alias. */
export const keyId = refusedWith(
  'keyIdInvalid',
  z
    .string()
    .regex(
      /^([0-9a-z]{8}(-[0-9a-z]{4}){3}-[0-9a-z]{12}|alias\/[a-zA-Z0-9:/_-]{1,255}|kms:[a-z0-9-]{1,64}:[0-9a-f]{32}:alias:[a-zA-Z0-9:/_-]{1,255})$/,
    )
    .meta({
      description: 'Id of a key, alias/<name>, or kms:<region>:<domain_id>:alias:<name>.',
      examples: ['0d0466b0-e727-4d9c-b35d-f84bb474a37f'],
    }),
)

/**
 * A serial number of the request, up to the caller. It is signed with the rest, so it tells two equal requests of one
 * second apart.
 */
export const sequence = refusedWith(
  'sequenceInvalid',
  z
    .string()
    .regex(/^[0-9a-zA-Z]{8}(-[0-9a-zA-Z]{4}){3}-[0-9a-zA-Z]{12}$/)
    .meta({
      description:
        'Serial number of the request, 36 characters in the form of a UUID. Tells equal requests of one second apart.',
    }),
).optional()

/** Text that a database can hold: no NUL, no half of a surrogate pair. */
export const storableText = (max: number) =>
  z.string().refine((text) => text.isWellFormed() && !text.includes('\0') && codePoints(text) <= max, {
    error: `must be text of at most ${max} characters`,
  })

/** A whole number, as a JSON number or as digits in a string: clients send both. */
export const wholeNumber = (min: number, max: number) =>
  z
    .union([z.int(), z.string().regex(/^\d{1,9}$/)])
    .transform(Number)
    .pipe(z.int().min(min).max(max))

/** Name of a key by the rules of the API (Huawei KMS, creating a key); refused with keyNameInvalid. */
export const keyAlias = refusedWith(
  'keyNameInvalid',
  z
    .string()
    .regex(/^[a-zA-Z0-9:/_-]{1,255}$/)
    .refine((name) => !name.endsWith('/default'))
    .meta({ description: 'Name of the key, unique in the project; it must not end in /default.' }),
)

/** Description of a key; refused with keyDescriptionInvalid. */
export const keyDescription = refusedWith(
  'keyDescriptionInvalid',
  storableText(255).meta({ description: 'At most 255 characters.' }),
)

/** Id of an enterprise project: a UUID, or `0` for the default one. */
export const enterpriseProjectId = refusedWith(
  'invalidInput',
  z
    .string()
    .regex(/^(0|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/)
    .meta({ description: 'Id of an enterprise project; 0 is the default one.' }),
)

/** `limit` of a list. */
export const limit = (max: number, standard: number) =>
  refusedWith('limitInvalid', wholeNumber(1, max).meta({ description: `1 to ${max}.` })).default(standard)

/** How many entries to pass over: a number, although it travels as a string. Empty: none. */
export const offsetMarker = refusedWith(
  'markerInvalid',
  z
    .union([z.literal('').transform(() => 0), wholeNumber(0, 999_999_999)])
    .meta({ description: 'next_marker of the page before; left out or empty: from the start.' }),
).default(0)

/** `offset` of a list: how many entries to pass over, 0 where it is left out. */
export const offset = refusedWith(
  'offsetInvalid',
  wholeNumber(0, 999_999_999).meta({ description: 'How many entries to pass over, from 0.' }),
).default(0)

/** Standard base64 with its padding, decoded; `pattern` is what the documentation says of the text. */
export const base64 = (pattern: RegExp) =>
  z
    .string()
    .regex(pattern)
    .refine(
      (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
      'must be base64',
    )
    .transform((text) => Buffer.from(text, 'base64'))

/** Hexadecimal in either case, decoded. */
export const hex = (bytesMax: number) =>
  z
    .string()
    .regex(/^([0-9a-fA-F]{2})+$/)
    .max(bytesMax * 2)
    .transform((text) => Buffer.from(text, 'hex'))

/** Hexadecimal as the API writes it: upper case. */
export const hexText = (bytes: Buffer): string => bytes.toString('hex').toUpperCase()
