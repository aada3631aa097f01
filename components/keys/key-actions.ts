import { createContext } from 'react'
import type { KeyOperation } from '#lib/kms/model/key-state.ts'
import type { KeyView } from '#lib/kms/model/views.ts'

/** What the buttons of a row do. A context, so that the columns of the table can stay the same object. */
export type KeyActions = {
  start: (operation: KeyOperation, key: KeyView) => void
  /** The key and operation whose plan is being made. */
  planning: { keyId: string; operation: KeyOperation } | null
  /** The pointer or the focus comes near a button. */
  onNear: () => void
  /** When the rows were read: what "days left" counts from. */
  readAt: string
}

export const KeyActionsContext = createContext<KeyActions>({
  start: () => undefined,
  planning: null,
  onNear: () => undefined,
  readAt: new Date(0).toISOString(),
})
