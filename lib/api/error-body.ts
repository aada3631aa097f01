import { KmsError } from '#lib/kms/model/errors.ts'

/** The body of an error answer (Huawei KMS, status and error codes). */
export type ErrorBody = { error: { error_code: string; error_msg: string } }

/** The body of an error of the gateway before the service: who is calling is not known, or calls too often. */
export type GatewayErrorBody = { error_code: string; error_msg: string; request_id: string }

/** An answer with its body as it goes over the wire; an empty body belongs to 204 alone. */
export type Answer = { status: number; body: string; headers?: Record<string, string> }

/** The form of all errors but those of the gateway. */
export function errorBody(code: string, message: string): ErrorBody {
  return { error: { error_code: code, error_msg: message } }
}

/**
 * The answer to a refused request. Codes of the gateway have its flat form, all others the nested one. Who is to try
 * again is told when.
 */
export function errorAnswer(error: KmsError, requestId: string): Answer {
  const gateway = error.kmsCode.startsWith('APIGW.')
  const body: ErrorBody | GatewayErrorBody = gateway
    ? { error_code: error.kmsCode, error_msg: error.message, request_id: requestId }
    : errorBody(error.kmsCode, error.message)
  const seconds = error.values.seconds ?? (error.status === 503 ? 1 : undefined)
  return {
    status: error.status,
    body: JSON.stringify(body),
    ...(seconds === undefined ? {} : { headers: { 'retry-after': String(seconds) } }),
  }
}

/** The answer to what nobody foresaw: nothing of it is told but the name under which the log has it. */
export function unexpectedAnswer(requestId: string): Answer {
  const message = `Something went wrong (request ${requestId}).`
  return errorAnswer(new KmsError('unexpected', { message }), requestId)
}
