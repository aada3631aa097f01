/** What a server action answers: its data, or why not, in words for a person. */
export type ActionResult<Data> = { ok: true; data: Data } | { ok: false; error: ActionError }

export type ActionError = {
  code: string
  message: string
  /** The one field the refusal is about. */
  field?: string | undefined
  /** Messages by field, when the input itself was not valid. */
  fields?: Record<string, string> | undefined
  requestId: string
  kind: 'invalid' | 'refused' | 'signed-out' | 'unexpected'
}
