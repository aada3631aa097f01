'use server'

import { createKey } from '#lib/kms/keys/create-key.ts'
import { createKeyInput } from '#lib/kms/model/inputs/create-key.ts'
import { defineAction } from './define-action.ts'

export const createKeyAction = defineAction(createKeyInput, createKey)
