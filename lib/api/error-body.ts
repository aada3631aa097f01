/** The body of every error answer (Huawei KMS, status and error codes). */
export type ErrorBody = { error: { error_code: string; error_msg: string } }

export function errorBody(code: string, message: string): ErrorBody {
  return { error: { error_code: code, error_msg: message } }
}
