import * as z from 'zod'
import { codePoints } from '#lib/kms/model/limits.ts'
import { refusedWith, ruleWith } from './refused-with.ts'

/**
 * Characters of a key and of a value, by the rules of the API, which are narrower than the console's: none of
 * `* < > \ =`, no control characters (Huawei KMS, tag rules).
 */
const keyMax = 36
const valueMax = 43

const allowed = (text: string): boolean => {
  if (!text.isWellFormed()) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the rule forbids exactly these
  return !/[\u0000-\u001f*<>\\=]/.test(text)
}

/** Key of a tag, by the rules above; each has a code of its own. */
export const tagKey = z
  .string()
  .refine((key) => codePoints(key) >= 1 && codePoints(key) <= keyMax, ruleWith('tagKeyLengthInvalid'))
  .refine(allowed, ruleWith('tagKeyInvalid'))
  .meta({ description: `1 to ${keyMax} characters, none of * < > \\ =` })

/** Value of a tag, by the rules above; it may be empty. */
export const tagValue = z
  .string()
  .refine((value) => codePoints(value) <= valueMax, ruleWith('tagValueLengthInvalid'))
  .refine(allowed, ruleWith('tagValueInvalid'))
  .meta({ description: `At most ${valueMax} characters, none of * < > \\ =` })

/** One tag of a request; without a value it is empty. */
export const tag = refusedWith('tagInvalid', z.object({ key: tagKey, value: tagValue.default('') }))

/** The tags of one request: 1 to 20 of them. */
export const tagList = refusedWith(
  'tagInvalid',
  z
    .array(tag)
    .refine((tags) => tags.length > 0, ruleWith('tagListEmpty'))
    .refine((tags) => tags.length <= 20, ruleWith('tagListSizeInvalid')),
)

/** A tag in an answer. */
export const tagItem = z.object({ key: z.string(), value: z.string() })
