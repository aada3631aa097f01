'use client'

import { useCallback, useMemo, useRef, useState } from 'react'

export type Selection<Row> = {
  /** What is ticked, by id, each as it was when it was ticked; also rows of other pages. */
  rows: ReadonlyMap<string, Row>
  has: (id: string) => boolean
  /** Ticks or unticks; with `through`, also all rows of the page between the last one touched and this one. */
  toggle: (row: Row, through?: boolean) => void
  /** Ticks all rows of the page, or unticks them when all are ticked. */
  togglePage: () => void
  /** Whether of the rows of the page none, some or all are ticked. */
  page: 'none' | 'some' | 'all'
  /** Replaces the selection, for instance by the rows whose change failed. */
  replace: (rows: Iterable<Row>) => void
  clear: () => void
}

/**
 * The ticked rows of a table: a set of ids, never of positions. After a sort, a refresh or a change of page the ticks
 * are on the same rows as before; what has left the page stays ticked and counts. Clearing it when a filter changes is
 * up to the owner, who also says so.
 *
 * `rows` are those of the page that can be ticked.
 */
export function useSelection<Row>(rows: readonly Row[], idOf: (row: Row) => string): Selection<Row> {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Row>>(new Map())
  const last = useRef<string>(undefined)

  const toggle = useCallback(
    (row: Row, through = false) => {
      const id = idOf(row)
      const from = rows.findIndex((one) => idOf(one) === last.current)
      const to = rows.findIndex((one) => idOf(one) === id)
      last.current = id
      setChosen((before) => {
        const next = new Map(before)
        const tick = !before.has(id)
        const range =
          through && from >= 0 && to >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [row]
        for (const one of range) {
          if (tick) next.set(idOf(one), one)
          else next.delete(idOf(one))
        }
        return next
      })
    },
    [rows, idOf],
  )

  const ticked = rows.filter((row) => chosen.has(idOf(row))).length
  const page = ticked === 0 ? 'none' : ticked === rows.length ? 'all' : 'some'

  const togglePage = useCallback(() => {
    setChosen((before) => {
      const next = new Map(before)
      const all = rows.every((row) => before.has(idOf(row)))
      for (const row of rows) {
        if (all) next.delete(idOf(row))
        else next.set(idOf(row), row)
      }
      return next
    })
  }, [rows, idOf])

  const replace = useCallback(
    (next: Iterable<Row>) => setChosen(new Map([...next].map((row) => [idOf(row), row]))),
    [idOf],
  )
  const clear = useCallback(() => setChosen(new Map()), [])

  return useMemo(
    () => ({ rows: chosen, has: (id) => chosen.has(id), toggle, togglePage, page, replace, clear }),
    [chosen, toggle, togglePage, page, replace, clear],
  )
}
