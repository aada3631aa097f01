import * as z from 'zod'
import { errorMessage } from '../errors.ts'
import { keyOperations } from '../key-state.ts'
import { limits } from '../limits.ts'
import { isStorableText } from '../storable-text.ts'
import { keyFilter } from './key-filter.ts'

/** What to plan: an operation on listed keys or on all keys that match a filter. */
export const planChangeInput = z.object({
  projectId: z.string().regex(/^[0-9a-f]{32}$/, 'No such project.'),
  operation: z.enum(keyOperations),
  selection: z.union([
    z.object({
      /** Ids as text: one that is not a UUID becomes an item that says "not found". */
      ids: z
        .array(z.string().max(255).refine(isStorableText, errorMessage('keyNotFound')))
        .min(1, errorMessage('selectionEmpty'))
        .max(limits.planIdsMax, errorMessage('selectionTooLarge')),
    }),
    z.object({ filter: keyFilter }),
  ]),
})

export type PlanChangeInput = z.output<typeof planChangeInput>

const days = errorMessage('pendingDaysInvalid')

/** The waiting period as a person types it: ASCII digits only, so that "7.5", "７" and "" are refused, not guessed at. */
export const pendingDays = z
  .string()
  .trim()
  .regex(/^\d{1,6}$/, days)
  .transform(Number)
  .pipe(z.int().min(limits.pendingDaysMin, days).max(limits.pendingDaysMax, days))

/** The word that unlocks a deletion. */
export const deleteWord = 'DELETE'

/** What confirms a planned change; each operation has its own confirmation, checked by the verb. */
export const applyChangeInput = z.object({
  changeId: z.uuid(),
  /** Disable: the tick "I understand the impact of disabling keys". */
  understood: z.boolean().optional(),
  /** Delete: waiting period as typed, and the word DELETE. */
  pendingDays: z.string().max(32).optional(),
  confirmation: z.string().max(64).optional(),
})

export type ApplyChangeInput = z.output<typeof applyChangeInput>

/** Names a change, to retry, undo or stop it. */
export const changeIdInput = z.object({ changeId: z.uuid() })
