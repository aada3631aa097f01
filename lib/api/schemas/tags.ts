import * as z from 'zod'
import { codePoints } from '#lib/kms/model/limits.ts'
import { refusedWith, ruleWith } from './refused-with.ts'

/**
 * Tags by the rules of the API, which are narrower than the console's: keys of 1 to 36 and values of at most 43
 * characters, none of `* < > \ =`, no control characters (Huawei KMS, tag rules).
 */
const keyMax = 36
const valueMax = 43

const allowed = (text: string): boolean => {
  if (!text.isWellFormed()) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the rule forbids exactly these
  return !/[\u0000-\u001f*<>\\=]/.test(text)
}

export const tagKey = z
  .string()
  .refine((key) => codePoints(key) >= 1 && codePoints(key) <= keyMax, ruleWith('tagKeyLengthInvalid'))
  .refine(allowed, ruleWith('tagKeyInvalid'))
  .meta({ description: `1 to ${keyMax} characters, none of * < > \\ =` })

export const tagValue = z
  .string()
  .refine((value) => codePoints(value) <= valueMax, ruleWith('tagValueLengthInvalid'))
  .refine(allowed, ruleWith('tagValueInvalid'))
  .meta({ description: `At most ${valueMax} characters, none of * < > \\ =` })

export const tag = refusedWith('tagInvalid', z.object({ key: tagKey, value: tagValue.default('') }))

export const tagList = refusedWith(
  'tagInvalid',
  z
    .array(tag)
    .refine((tags) => tags.length > 0, ruleWith('tagListEmpty'))
    .refine((tags) => tags.length <= 20, ruleWith('tagListSizeInvalid')),
)

/** A tag in an answer. */
export const tagItem = z.object({ key: z.string(), value: z.string() })
