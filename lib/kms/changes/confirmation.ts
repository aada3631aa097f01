import { KmsError } from '../model/errors.ts'
import { type ApplyChangeInput, deleteWord, pendingDays } from '../model/inputs/change.ts'
import type { KeyOperation } from '../model/key-state.ts'

/**
 * Checks what confirms an operation, never only in the browser: the tick for Disable; the waiting period and the typed
 * word for Delete. Answers the waiting period in days, or null for the other operations.
 *
 * @throws {KmsError} changeNotConfirmed or pendingDaysInvalid, with the field
 */
export function checkConfirmation(operation: KeyOperation, input: ApplyChangeInput): number | null {
  if (operation === 'disable' && input.understood !== true) {
    throw new KmsError('changeNotConfirmed', {
      field: 'understood',
      message: 'Tick "I understand the impact of disabling keys".',
    })
  }
  if (operation !== 'scheduleDeletion') return null
  const days = pendingDays.safeParse(input.pendingDays ?? '')
  if (!days.success) throw new KmsError('pendingDaysInvalid', { field: 'pendingDays' })
  if (input.confirmation !== deleteWord) {
    throw new KmsError('changeNotConfirmed', {
      field: 'confirmation',
      message: `Enter ${deleteWord} to confirm.`,
    })
  }
  return days.data
}
