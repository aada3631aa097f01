import * as z from 'zod'
import { errorMessage } from '../errors.ts'
import { isKeySpec, type KeyUsage, keySpecs, usagesOf } from '../key-spec.ts'
import { codePoints, limits } from '../limits.ts'
import { isStorableText } from '../storable-text.ts'

/**
 * Rules of the create form (Huawei KMS, "Create key", and the console's tag rules of 2023): read by the form in the
 * browser and by the verb.
 */

const keyName = z
  .string()
  .refine(
    (name) =>
      codePoints(name) >= 1 &&
      codePoints(name) <= limits.keyNameMax &&
      /^[\p{L}\p{M}\p{Nd}_:/-]+$/u.test(name) &&
      !name.endsWith('/default'),
    { error: (issue) => nameProblem(String(issue.input)) },
  )

function nameProblem(name: string): string {
  const length = codePoints(name)
  if (length === 0) return 'Enter a name.'
  if (length > limits.keyNameMax)
    return `Name can have at most ${limits.keyNameMax} characters; this one has ${length}.`
  if (name.endsWith('/default')) return 'Name must not end in /default: such names belong to default keys.'
  return 'Name can contain only letters, digits, and _ - : / (no spaces).'
}

const tagCharacters = /^[\p{L}\p{M}\p{Nd} _.:/=+\-@]*$/u

const tagKey = z.string().refine((key) => tagKeyProblem(key) === null, {
  error: (issue) => tagKeyProblem(String(issue.input)) ?? '',
})

function tagKeyProblem(key: string): string | null {
  const length = codePoints(key)
  if (length === 0) return 'Enter a tag key.'
  if (length > limits.tagKeyMax)
    return `A tag key can have at most ${limits.tagKeyMax} characters; this one has ${length}.`
  if (key !== key.trim()) return 'A tag key must not start or end with a space.'
  if (key.startsWith('_sys_')) return 'A tag key must not start with _sys_.'
  if (!tagCharacters.test(key))
    return 'A tag key can contain only letters, digits, spaces, and _ . : / = + - @'
  return null
}

const tagValue = z
  .string()
  .refine((value) => codePoints(value) <= limits.tagValueMax && tagCharacters.test(value), {
    error: (issue) =>
      codePoints(String(issue.input)) > limits.tagValueMax
        ? `A tag value can have at most ${limits.tagValueMax} characters.`
        : 'A tag value can contain only letters, digits, spaces, and _ . : / = + - @',
  })

export const tagInput = z.object({ key: tagKey, value: tagValue.default('') })

const tags = z
  .array(tagInput)
  .max(limits.tagsPerKeyMax, `A key can have at most ${limits.tagsPerKeyMax} tags.`)
  .superRefine((list, context) => {
    const seen = new Set<string>()
    list.forEach((tag, index) => {
      if (seen.has(tag.key)) {
        context.addIssue({
          code: 'custom',
          path: [index, 'key'],
          message: 'Another tag already has this key.',
        })
      }
      seen.add(tag.key)
    })
  })

export const createKeyInput = z
  .object({
    projectId: z.string().regex(/^[0-9a-f]{32}$/, 'No such project.'),
    /** Made when the form opens, so that a second press of OK creates no second key. */
    idempotencyKey: z.uuid(),
    name: keyName,
    spec: z.string().refine(isKeySpec, errorMessage('keySpecInvalid')),
    usage: z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC'], errorMessage('keyUsageInvalid')),
    origin: z.enum(['kms', 'external'], 'Choose Key management or External.'),
    enterpriseProjectId: z
      .string()
      .min(1)
      .max(64)
      .refine(isStorableText, errorMessage('enterpriseProjectNotFound'))
      .default('0'),
    description: z
      .string()
      .refine((text) => codePoints(text) <= limits.keyDescriptionMax, errorMessage('keyDescriptionInvalid'))
      .refine(isStorableText, 'Description contains a character that is no text: remove it.')
      .default(''),
    tags: tags.default([]),
  })
  .superRefine((input, context) => {
    if (!isKeySpec(input.spec)) return
    if (!usagesOf(input.spec).includes(input.usage as KeyUsage)) {
      context.addIssue({ code: 'custom', path: ['usage'], message: errorMessage('keyUsageInvalid') })
    }
    if (input.origin === 'external' && !keySpecs[input.spec].importable) {
      context.addIssue({ code: 'custom', path: ['origin'], message: errorMessage('keyOriginInvalid') })
    }
  })

export type CreateKeyInput = z.output<typeof createKeyInput>
