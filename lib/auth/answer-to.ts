import * as z from 'zod'
import { isUnavailable } from '#lib/db/unavailable.ts'
import type { ErrorAnswer } from '#lib/kms/model/error-answer.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { logger } from './logger.ts'

/** Turns what was thrown into what may be told. What nobody expected goes to the log, with the request id. */
export function answerTo(error: unknown, requestId: string): ErrorAnswer {
  if (error instanceof z.ZodError) return invalidInput(error, requestId)
  if (error instanceof KmsError && error.code !== 'unexpected') return refusal(error, requestId)
  if (isUnavailable(error)) {
    logger().warn({ err: error, requestId }, 'the database did not answer in time')
    return refusal(new KmsError('busy'), requestId)
  }
  logger().error({ err: error, requestId }, 'unexpected error')
  const { code, message } = new KmsError('unexpected')
  return { code, message, requestId, kind: 'unexpected' }
}

function invalidInput(error: z.ZodError, requestId: string): ErrorAnswer {
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

function refusal(error: KmsError, requestId: string): ErrorAnswer {
  const { code, message, field, fields } = error
  // Whoever made the change is sent to look whether it was made.
  if (code === 'outcomeUnknown') return { code, message, requestId, kind: 'unexpected' }
  const kind = code === 'signedOut' ? 'signed-out' : field || fields ? 'invalid' : 'refused'
  return { code, message, ...(field ? { field } : {}), ...(fields ? { fields } : {}), requestId, kind }
}
