import * as z from 'zod'
import { type ErrorCode, errorMessage } from '#lib/kms/model/errors.ts'

const codes = z.registry<{ code: ErrorCode }>()

/** Says with which code a request is refused when this field does not fit its schema. */
export function refusedWith<Schema extends z.ZodType>(code: ErrorCode, schema: Schema): Schema {
  codes.add(schema, { code })
  return schema
}

/** The code of a field; through `.optional()`, which makes another schema of it. */
export function refusalOf(schema: z.ZodType): ErrorCode {
  const code = codes.get(schema)?.code
  if (code) return code
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? refusalOf(schema.unwrap() as z.ZodType)
    : 'invalidInput'
}

/** For a rule within a field that has a code of its own: what `refine` takes as its second argument. */
export function ruleWith(code: ErrorCode): { error: string; params: { refusedWith: ErrorCode } } {
  return { error: errorMessage(code), params: { refusedWith: code } }
}
