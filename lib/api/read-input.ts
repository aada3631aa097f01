import type * as z from 'zod'
import { type ErrorCode, isErrorCode, KmsError } from '#lib/kms/model/errors.ts'
import { refusalOf } from './schemas/refused-with.ts'

/** Deeper than any request of the API; a parser may be made to work hard by thousands of brackets. */
const depthMax = 16

/**
 * Reads a body that must be a JSON object in UTF-8. None at all is an empty object: whatever is needed is then missing.
 *
 * @throws {KmsError} requestInvalid for another content type, bodyInvalid for anything that is not such an object
 */
export function readJsonObject(body: Uint8Array, contentType: string | undefined): Record<string, unknown> {
  if (body.byteLength === 0) return {}
  if (!/^application\/([\w.-]+\+)?json *(;|$)/i.test(contentType ?? '')) {
    throw new KmsError('requestInvalid', { message: 'The content type must be application/json.' })
  }
  const value = parseJson(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new KmsError('bodyInvalid', { message: 'The body must be a JSON object.' })
  }
  return value as Record<string, unknown>
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parseJson(body: Uint8Array): unknown {
  requireShallow(body)
  try {
    return JSON.parse(utf8.decode(body))
  } catch (error) {
    throw new KmsError('bodyInvalid', { cause: error })
  }
}

/** Counts brackets outside of strings; whether they match is for the parser to say. */
function requireShallow(body: Uint8Array): void {
  let depth = 0
  for (let at = 0; at < body.byteLength; at++) {
    const byte = body[at]
    if (byte === quote) at = endOfString(body, at)
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > depthMax) throw new KmsError('bodyInvalid', { message: 'The body is nested too deeply.' })
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
}

const quote = 0x22
const backslash = 0x5c

/** Where the string that begins here ends: at the next quote behind an even number of backslashes. */
function endOfString(body: Uint8Array, begin: number): number {
  for (let at = body.indexOf(quote, begin + 1); at >= 0; at = body.indexOf(quote, at + 1)) {
    let before = at - 1
    while (body[before] === backslash) before--
    if ((at - before) % 2 === 1) return at
  }
  return body.byteLength
}

/**
 * Holds a part of a request against its schema. Of several faults the first in the order of the schema is told.
 *
 * @throws {KmsError} parameterMissing; else the code that the schema names for the field
 */
export function readInput<Schema extends z.ZodObject>(schema: Schema, input: object): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const faults = result.error.issues
  for (const [field, fieldSchema] of Object.entries<z.ZodType>(schema.shape)) {
    const fault = faults.find((issue) => issue.path[0] === field)
    if (!fault) continue
    if ((input as Record<string, unknown>)[field] === undefined) {
      throw new KmsError('parameterMissing', { field, values: { parameter: field } })
    }
    const code = codeOf(fault) ?? refusalOf(fieldSchema)
    const message = code === 'invalidInput' ? `${field} is not valid: ${fault.message}` : undefined
    throw new KmsError(code, { field, ...(message ? { message } : {}) })
  }
  throw new KmsError('invalidInput', { message: faults[0]?.message ?? 'A parameter is not valid.' })
}

/** The code that a rule within a field names by itself. */
function codeOf(fault: z.core.$ZodIssue): ErrorCode | undefined {
  if (fault.code === 'invalid_union') {
    const [within] = fault.errors
      .flat()
      .map(codeOf)
      .filter((code) => code !== undefined)
    return within
  }
  const code: unknown = fault.code === 'custom' ? fault.params?.refusedWith : undefined
  return typeof code === 'string' && isErrorCode(code) ? code : undefined
}
