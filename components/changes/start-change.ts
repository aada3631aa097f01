import { planChangeAction, retryChangeAction, undoChangeAction } from '#lib/actions/changes.ts'
import type { ActionResult } from '#lib/actions/result.ts'
import type { PlanChangeInput } from '#lib/kms/model/inputs/change.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'

/** What a review is asked for: a new plan, the failed keys of a change once more, or its inverse. */
export type ChangeRequest =
  | { kind: 'plan'; input: PlanChangeInput }
  | { kind: 'retry'; changeId: string }
  | { kind: 'undo'; changeId: string }

/** Plans it; changes no key. Rejects when no answer arrives. */
export function startChange(request: ChangeRequest): Promise<ActionResult<ChangeView>> {
  switch (request.kind) {
    case 'plan':
      return planChangeAction(request.input)
    case 'retry':
      return retryChangeAction({ changeId: request.changeId })
    case 'undo':
      return undoChangeAction({ changeId: request.changeId })
  }
}
