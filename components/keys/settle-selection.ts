import { fetchChange } from '#components/changes/fetch-change.ts'
import { type KeyOperation, keyOperations, refusalWords, statesAllowing } from '#lib/kms/model/key-state.ts'
import type { ChangeItemView, ChangeView, ItemOutcome, Refusals } from '#lib/kms/model/views.ts'
import type { SelectedKey, Selection } from './selection.ts'
import { readSelection, writeSelection } from './selection-store.ts'

/** What can be tried again stays ticked; what is done, or was skipped as the review said, does not. */
const kept: readonly ItemOutcome[] = ['failed', 'changed', 'pending']

/**
 * After a change of the ticked keys: unticks what went through and leaves ticked what did not. Never throws; items
 * that cannot be read are unticked, so that nothing is ticked that was not seen to fail.
 */
export async function settleSelection(change: ChangeView) {
  const before = readSelection()
  const left = (await notDone(change)).filter((item) => item.keyName !== null && item.state !== null)
  const keys = new Map(left.map((item) => [item.keyId, seenIn(item, before)]))
  writeSelection({ kind: 'keys', scope: before.scope, keys })
}

async function notDone(change: ChangeView): Promise<ChangeItemView[]> {
  if (change.items.length >= change.total) return change.items.filter(({ outcome }) => kept.includes(outcome))
  const found: ChangeItemView[] = []
  for (const outcome of kept) {
    for (let page = 1; found.length < change.counts[outcome]; page += 1) {
      const answer = await fetchChange(change, { outcome, page })
      if (!answer.ok || answer.change.items.length === 0) break
      found.push(...answer.change.items)
    }
  }
  return found
}

function seenIn(item: ChangeItemView, before: Selection): SelectedKey {
  const known = before.kind === 'keys' ? before.keys.get(item.keyId) : undefined
  const state = item.state ?? '2'
  return (
    known ?? {
      id: item.keyId,
      name: item.keyName ?? item.keyId,
      state,
      // Older than any that a page will show, so that the page's facts replace these
      revision: -1,
      refusals: Object.fromEntries(
        keyOperations.map((operation: KeyOperation) => [
          operation,
          statesAllowing(operation).includes(state) ? null : refusalWords(operation, state),
        ]),
      ) as Refusals,
    }
  )
}
