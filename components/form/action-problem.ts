import { unstable_isUnrecognizedActionError } from 'next/navigation'
import type { ActionError } from '#lib/actions/result.ts'

/** Why a form could not be sent, or was not accepted, as far as it is not about one of its fields. */
export type ActionProblem = {
  kind: ActionError['kind'] | 'unreachable' | 'updated'
  message: string
  requestId?: string
}

/** The words for a call that did not come back with an answer. What is no known failure is passed on. */
export function problemOfCall(error: unknown): ActionProblem {
  if (unstable_isUnrecognizedActionError(error)) {
    return { kind: 'updated', message: 'Keystead was updated while this page was open.' }
  }
  return {
    kind: 'unreachable',
    message:
      'No answer came back from the server, so it is not certain whether this was done. What you typed is still here.',
  }
}
