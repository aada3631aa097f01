import { fetchChange } from '#components/changes/fetch-change.ts'
import { type KeyOperation, keyOperations, refusalWords, statesAllowing } from '#lib/kms/model/key-state.ts'
import type { ChangeItemView, ChangeView, Refusals } from '#lib/kms/model/views.ts'
import { type SelectedKey, type Selection, selectedCount } from './selection.ts'
import { readSelection, writeSelection } from './selection-store.ts'

/**
 * After a change: what went through, and what was skipped as the review said, is unticked; what failed stays ticked,
 * to be tried again. Ticks on other keys stay as they are. Never throws.
 */
export async function settleSelection(change: ChangeView) {
  const items = await allItems(change)
  writeSelection(settled(readSelection(), items, change.total))
}

/** @param total how many items the change has; fewer in `items` could not be read. */
export function settled(
  selection: Selection,
  items: readonly Pick<ChangeItemView, 'keyId' | 'keyName' | 'state' | 'outcome'>[],
  total: number,
): Selection {
  const isOver = ({ outcome }: Pick<ChangeItemView, 'outcome'>) => outcome === 'done' || outcome === 'skipped'
  if (selection.kind === 'keys') {
    const over = new Set(items.filter(isOver).map(({ keyId }) => keyId))
    if (over.size === 0) return selection
    return { ...selection, keys: new Map([...selection.keys].filter(([id]) => !over.has(id))) }
  }
  // Only a change of everything that was ticked ends "all that match": not the press of a button in one row
  if (total < selectedCount(selection)) return selection
  const left = items.filter((item) => !isOver(item) && item.keyName !== null && item.state !== null)
  return {
    kind: 'keys',
    scope: selection.scope,
    keys: new Map(left.map((item) => [item.keyId, asSeen(item)])),
  }
}

async function allItems(change: ChangeView): Promise<readonly ChangeItemView[]> {
  const items = [...change.items]
  const pages = Math.ceil(change.total / change.itemsPage.pageSize)
  for (let page = 2; page <= pages; page += 1) {
    const answer = await fetchChange(change, { page })
    if (!answer.ok) break
    items.push(...answer.change.items)
  }
  return items
}

function asSeen({ keyId, keyName, state }: Pick<ChangeItemView, 'keyId' | 'keyName' | 'state'>): SelectedKey {
  const now = state ?? '2'
  return {
    id: keyId,
    name: keyName ?? keyId,
    state: now,
    // Older than any that a page shows, so that the page's facts replace these
    revision: -1,
    refusals: Object.fromEntries(
      keyOperations.map((operation: KeyOperation) => [
        operation,
        statesAllowing(operation).includes(now) ? null : refusalWords(operation, now),
      ]),
    ) as Refusals,
  }
}
