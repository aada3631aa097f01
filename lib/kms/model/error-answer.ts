import type { ErrorCode, FieldError } from './errors.ts'

/** What is told of an error: why something did not happen, in words for a person. */
export type ErrorAnswer = {
  code: ErrorCode
  message: string
  /** The field it belongs to, when it is one. */
  field?: string
  /** One message per field, when the input did not parse. */
  fields?: FieldError[]
  /** Names the line in the log and the audit event. */
  requestId: string
  /**
   * `invalid`: correct the field and try again; `refused`: a rule or right forbids it; `signed-out`: the session ended,
   * the form stays as it is; `unexpected`: nobody knows, the log has it under the request id.
   */
  kind: 'invalid' | 'refused' | 'signed-out' | 'unexpected'
}
