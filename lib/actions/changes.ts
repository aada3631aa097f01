'use server'

import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import { retryChange } from '#lib/kms/changes/retry-change.ts'
import { stopChange } from '#lib/kms/changes/stop-change.ts'
import { undoChange } from '#lib/kms/changes/undo-change.ts'
import { applyChangeInput, changeIdInput, planChangeInput } from '#lib/kms/model/inputs/change.ts'
import { defineAction } from './define-action.ts'

export const planChangeAction = defineAction(planChangeInput, planChange, { refresh: false })

export const applyChangeAction = defineAction(applyChangeInput, applyChange)

export const retryChangeAction = defineAction(changeIdInput, retryChange, { refresh: false })

export const undoChangeAction = defineAction(changeIdInput, undoChange, { refresh: false })

export const stopChangeAction = defineAction(changeIdInput, stopChange)
