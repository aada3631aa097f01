import { formatCount } from '#lib/format/count.ts'
import type { ChangeStatus, ChangeView, ItemOutcome } from '#lib/kms/model/views.ts'

/** In the order in which they are told. */
export const itemOutcomes = ['done', 'failed', 'changed', 'skipped', 'pending'] as const

const words: Record<Exclude<ItemOutcome, 'pending'>, string> = {
  done: 'Done',
  failed: 'Failed',
  changed: 'Changed since review',
  skipped: 'Skipped',
}

/**
 * What became of a key, in a word. A pending one is waiting while the change runs; once nothing more is applied, it was
 * not reached: a change that is confirmed with keys left was stopped. A done one is only saved while an instance may not
 * know of it.
 */
export function outcomeWords(outcome: ItemOutcome, status: ChangeStatus): string {
  if (outcome === 'done' && status === 'confirming') return 'Saved'
  if (outcome !== 'pending') return words[outcome]
  return status === 'planned' || status === 'applying' ? 'Waiting' : 'Not reached'
}

/** "7 done · 1 failed · 1 skipped"; what is 0 is left out, but never everything. */
export function countsLine({ counts, status }: Pick<ChangeView, 'counts' | 'status'>): string {
  const parts = itemOutcomes
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${formatCount(counts[outcome])} ${outcomeWords(outcome, status).toLowerCase()}`)
  return parts.join(' · ') || '0 done'
}
