'use client'

import { type RefObject, useEffect } from 'react'

const focusable = 'a[href], button, input, select, [role=link][tabindex], [role=button][tabindex]'

function stopsOf(cell: Element): HTMLElement[] {
  return [...cell.querySelectorAll<HTMLElement>(focusable)].filter(
    (element) => !element.matches(':disabled') && element.getClientRects().length > 0,
  )
}

/**
 * Makes a table one Tab stop, after the grid pattern of the ARIA practices: left and right go through the controls of
 * a row, up and down to the same column of the next row, Home and End to the ends of the row, with Ctrl to the first
 * and last row. Tab leaves the table, and comes back to where one was.
 *
 * It works on what is drawn: cells are free to hold any controls, and need to know nothing about it.
 */
export function useGridKeys(ref: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const grid = ref.current
    if (!grid) return
    let current: HTMLElement | undefined

    const lines = () =>
      [...(grid?.querySelectorAll('[role=row]') ?? [])].filter((row) => stopsOf(row).length > 0)

    function assign(to?: HTMLElement) {
      if (!grid) return
      const all = stopsOf(grid)
      if (to) current = to
      if (!current || !all.includes(current)) current = all[0]
      for (const element of all) element.tabIndex = element === current ? 0 : -1
    }

    function below(row: Element, from: HTMLElement, step: 1 | -1): HTMLElement | undefined {
      const all = lines()
      const next = all[all.indexOf(row) + step]
      if (!next) return
      const fromCell = from.closest('[role=gridcell], [role=columnheader]')
      const column = fromCell ? [...row.children].indexOf(fromCell) : 0
      const inCell = fromCell ? stopsOf(fromCell).indexOf(from) : 0
      const cell = next.children[column]
      const sameCell = cell ? stopsOf(cell) : []
      return sameCell[inCell] ?? sameCell[0] ?? nearest(next, column)
    }

    function nearest(row: Element, column: number): HTMLElement | undefined {
      const cells = [...row.children]
      for (let away = 0; away < cells.length; away += 1) {
        const found = [cells[column - away], cells[column + away]].flatMap((cell) =>
          cell ? stopsOf(cell) : [],
        )
        if (found[0]) return found[0]
      }
    }

    function target(event: KeyboardEvent, row: Element, from: HTMLElement): HTMLElement | undefined {
      const inRow = stopsOf(row)
      const at = inRow.indexOf(from)
      const ends = event.ctrlKey || event.metaKey ? lines() : [row]
      switch (event.key) {
        case 'ArrowRight':
          return inRow[at + 1]
        case 'ArrowLeft':
          return inRow[at - 1]
        case 'ArrowDown':
          return below(row, from, 1)
        case 'ArrowUp':
          return below(row, from, -1)
        case 'Home':
          return ends[0] && stopsOf(ends[0])[0]
        case 'End':
          return stopsOf(ends.at(-1) ?? row).at(-1)
        default:
          return undefined
      }
    }

    function keyDown(event: KeyboardEvent) {
      const from = event.target
      if (!(from instanceof HTMLElement) || event.altKey || from.matches('input[type=text], select')) return
      const row = from.closest('[role=row]')
      if (!row) return
      const to = target(event, row, from)
      if (!to) return
      event.preventDefault()
      to.focus()
    }
    const focusIn = (event: FocusEvent) => {
      if (event.target instanceof HTMLElement && event.target.matches(focusable)) assign(event.target)
    }

    assign()
    const watcher = new MutationObserver(() => assign())
    watcher.observe(grid, { childList: true, subtree: true })
    grid.addEventListener('keydown', keyDown)
    grid.addEventListener('focusin', focusIn)
    return () => {
      watcher.disconnect()
      grid.removeEventListener('keydown', keyDown)
      grid.removeEventListener('focusin', focusIn)
    }
  }, [ref])
}
