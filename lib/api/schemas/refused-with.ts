import * as z from 'zod'
import type { ErrorCode } from '#lib/kms/model/errors.ts'

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
