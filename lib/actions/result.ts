import type { ErrorAnswer } from '#lib/kms/model/error-answer.ts'

/** Why an action did not happen. */
export type ActionError = ErrorAnswer

/** What every server action answers. Nothing was written unless `ok`. */
export type ActionResult<T> = { ok: true; data: T } | { ok: false; error: ActionError }
