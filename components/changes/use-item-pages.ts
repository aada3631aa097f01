import { useEffect, useState } from 'react'
import type { ChangeItemView, ChangeView, ItemOutcome } from '#lib/kms/model/views.ts'
import { fetchChange } from './fetch-change.ts'

export type ItemPages = {
  items: readonly ChangeItemView[]
  page: number
  pages: number
  goTo: (page: number) => void
  /** Another page is on its way. */
  pending: boolean
  /** It did not arrive. */
  problem: string | null
}

/**
 * The items of a change page by page: the first one came with the change, the others are read when asked for.
 *
 * @param outcome only items with it; null: all
 */
export function useItemPages(change: ChangeView, outcome: ItemOutcome | null): ItemPages {
  const [page, setPage] = useState(1)
  const [fetched, setFetched] = useState<{ key: string; items: readonly ChangeItemView[] }>()
  const [problem, setProblem] = useState<string | null>(null)

  const whole = change.items.length >= change.total
  const matching = outcome === null ? change.total : change.counts[outcome]
  const pages = whole ? 1 : Math.max(1, Math.ceil(matching / change.itemsPage.pageSize))
  const current = Math.min(page, pages)
  const here = whole || (current === 1 && outcome === null)
  const key = `${change.id} ${change.status} ${outcome} ${current}`

  useEffect(() => {
    if (here) return
    const abort = new AbortController()
    setProblem(null)
    fetchChange(change, { page: current, ...(outcome && { outcome }), signal: abort.signal })
      .then((answer) => {
        if (answer.ok) setFetched({ key, items: answer.change.items })
        else setProblem(answer.problem.message)
      })
      .catch(() => null)
    return () => abort.abort()
  }, [here, key, change, current, outcome])

  const loaded = here
    ? change.items.filter((item) => outcome === null || item.outcome === outcome)
    : fetched?.items
  return {
    // Until the other page is there the rows before it stay: an empty table would say that there is nothing.
    items: loaded ?? change.items,
    page: current,
    pages,
    goTo: setPage,
    pending: !here && fetched?.key !== key && problem === null,
    problem: here ? null : problem,
  }
}
