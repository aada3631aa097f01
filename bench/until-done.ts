import { setTimeout as pause } from 'node:timers/promises'
import { readChange } from '#lib/kms/changes/read-change.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'

/** Asks until a change that was applied, here or by a runner, is over; as a page that shows its progress does, but sooner. */
export async function untilDone(ctx: KmsContext, applied: ChangeView): Promise<ChangeView> {
  let change = applied
  while (change.status === 'applying' || change.status === 'confirming') {
    await pause(5)
    change = await readChange(ctx, { changeId: applied.id, pageSize: 1 })
  }
  return change
}
