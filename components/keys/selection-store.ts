import { useSyncExternalStore } from 'react'
import { emptySelection, type Selection } from './selection.ts'

/**
 * The one selection of this tab. It stands outside the list so that it outlives paging, sorting, a refresh and the
 * way to the Delete page and back. Nothing is written on the server.
 */
let selection: Selection = emptySelection('')
const watchers = new Set<() => void>()

export function readSelection(): Selection {
  return selection
}

export function writeSelection(next: Selection) {
  if (next === selection) return
  selection = next
  for (const watch of watchers) watch()
}

const nothing = emptySelection('')

function subscribe(watch: () => void) {
  watchers.add(watch)
  return () => watchers.delete(watch)
}

/** The selection, if it was made under this filter; another filter sees none. */
export function useSelection(scope: string): Selection {
  const current = useSyncExternalStore(subscribe, readSelection, () => nothing)
  return current.scope === scope ? current : emptyFor(scope)
}

let empty = nothing

/** One object per scope, so that a list without a selection does not draw again for nothing. */
function emptyFor(scope: string): Selection {
  if (empty.scope !== scope) empty = emptySelection(scope)
  return empty
}
