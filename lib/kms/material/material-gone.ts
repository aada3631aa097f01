import type { SetMove } from './change-set.ts'

/** What becomes of keys whose material is deleted or has expired; those pending deletion stay so. */
export const materialGone: SetMove = { from: ['2', '3'], to: '5' }
