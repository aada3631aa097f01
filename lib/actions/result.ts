import type { ErrorCode, FieldError } from '#lib/kms/model/errors.ts'

/** Why an action did not happen, in words for the person who pressed the button. */
export type ActionError = {
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

/** What every server action answers. Nothing was written unless `ok`. */
export type ActionResult<T> = { ok: true; data: T } | { ok: false; error: ActionError }
