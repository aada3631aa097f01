import * as z from 'zod'
import type { ActionError } from '#lib/actions/result.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { logger } from './logger.ts'

/** Turns what was thrown into what may be told. What nobody expected goes to the log, with the request id. */
export function actionError(error: unknown, requestId: string): ActionError {
  if (error instanceof z.ZodError) return invalidInput(error, requestId)
  if (error instanceof KmsError && error.code !== 'unexpected') return refusal(error, requestId)
  logger().error({ err: error, requestId }, 'unexpected error')
  const { code, message } = new KmsError('unexpected')
  return { code, message, requestId, kind: 'unexpected' }
}

function invalidInput(error: z.ZodError, requestId: string): ActionError {
  const messages = new Map<string, string>()
  for (const { path, message } of error.issues) {
    const field = path.join('.')
    if (!messages.has(field)) messages.set(field, message)
  }
  const fields = [...messages].map(([field, message]) => ({ field, message }))
  const [first] = fields
  const { code, message } = new KmsError('invalidInput')
  return {
    code,
    message: fields.length === 1 && first ? first.message : message,
    ...(first?.field ? { field: first.field } : {}),
    fields,
    requestId,
    kind: 'invalid',
  }
}

function refusal(error: KmsError, requestId: string): ActionError {
  const { code, message, field, fields } = error
  const kind = code === 'signedOut' ? 'signed-out' : field || fields ? 'invalid' : 'refused'
  return { code, message, ...(field ? { field } : {}), ...(fields ? { fields } : {}), requestId, kind }
}
