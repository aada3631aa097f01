import { useCallback, useEffect, useMemo, useRef } from 'react'
import { announce } from '#components/ui/announcement.ts'
import { plural } from '#lib/format/count.ts'
import { keyFilterQuery } from '#lib/key-list-url.ts'
import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { KeyView } from '#lib/kms/model/views.ts'
import {
  emptySelection,
  isSelected,
  type Selection,
  selectedCount,
  withFreshFacts,
  withTicks,
} from './selection.ts'
import { readSelection, useSelection, writeSelection } from './selection-store.ts'

/**
 * The ticks of the list that is shown. They outlive sorting, paging and refreshing, since order and page are no part
 * of the filter; another filter, tab or project takes them away and says so.
 */
export function useKeySelection(list: KeyListInput, pageKeys: readonly KeyView[]) {
  const scope = keyFilterQuery(list)
  const selection = useSelection(scope)
  const last = useRef<string>(undefined)

  useEffect(() => {
    const before = readSelection()
    if (before.scope === scope) return
    const lost = selectedCount(before)
    if (lost > 0) {
      announce(
        `The selection of ${plural(lost, 'key')} was cleared, because the list shows other keys now.`,
        {
          tone: 'info',
        },
      )
    }
    writeSelection(emptySelection(scope))
  }, [scope])

  useEffect(() => {
    const current = readSelection()
    if (current.scope === scope) writeSelection(withFreshFacts(current, pageKeys))
  }, [scope, pageKeys])

  const write = useCallback(
    (change: (selection: Selection) => Selection) => {
      const current = readSelection()
      // An answer that arrives after the filter has changed is about keys that are no longer shown
      if (current.scope === scope) writeSelection(change(current))
    },
    [scope],
  )

  const toggle = useCallback(
    (key: KeyView, through = false) => {
      const from = pageKeys.findIndex(({ id }) => id === last.current)
      const to = pageKeys.findIndex(({ id }) => id === key.id)
      last.current = key.id
      write((current) => {
        const range =
          through && from >= 0 ? pageKeys.slice(Math.min(from, to), Math.max(from, to) + 1) : [key]
        return withTicks(current, range, !isSelected(current, key.id), pageKeys)
      })
    },
    [pageKeys, write],
  )

  const ticked = pageKeys.filter(({ id }) => isSelected(selection, id)).length
  const page = ticked === 0 ? 'none' : ticked === pageKeys.length ? 'all' : 'some'

  const togglePage = useCallback(
    () => write((current) => withTicks(current, pageKeys, page !== 'all', pageKeys)),
    [pageKeys, page, write],
  )
  const clear = useCallback(() => write(() => emptySelection(scope)), [scope, write])

  const boxes = useMemo(
    () => ({ has: (id: string) => isSelected(selection, id), toggle, togglePage, page }) as const,
    [selection, toggle, togglePage, page],
  )
  return { scope, selection, boxes, write, clear }
}
