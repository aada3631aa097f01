'use client'

import { type TableOptions, useTable } from '@tanstack/react-table'
import { type ReactNode, useRef } from 'react'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { classNames } from '#components/ui/class-names.ts'
import { cellLook } from './cell-look.ts'
import { features } from './columns.ts'
import type { Density } from './density-choice.ts'
import { HeaderCell, type Sort } from './header-cell.tsx'
import type { RowSelection } from './row-selection.ts'
import { useGridKeys } from './use-grid-keys.ts'

export type { Sort } from './header-cell.tsx'

export type DataTableProps<Row extends object> = {
  /** Accessible name. */
  label: string
  /** A stable array made with `columnsOf<Row>()`. */
  columns: TableOptions<typeof features, Row>['columns']
  rows: readonly Row[]
  /** Identity of a row; never its position. */
  idOf: (row: Row) => string
  /** What a row is called, for the name of its check box: "Select payments-db". */
  nameOf: (row: Row) => string
  density?: Density
  sort?: Sort | undefined
  /** Address of the list sorted so. */
  sortHref?: (sort: Sort) => string
  selection?: RowSelection<Row>
  /** Rows that cannot be ticked have no box; why is for a cell of the row to say. */
  canSelect?: (row: Row) => boolean
  /** Other rows are on their way: these stay, dimmed. */
  pending?: boolean
  /** In place of rows when there are none: EmptyState, NoMatch, NoPermission or ErrorState. */
  empty?: ReactNode
}

/**
 * One page of rows, sorted and cut by the server. One Tab stop with arrow keys, a head that stays in view, rows of 40
 * or 32 pixels; on a phone each row is a card.
 */
export function DataTable<Row extends object>({
  label,
  columns,
  rows,
  idOf,
  nameOf,
  density = 'comfortable',
  sort,
  sortHref,
  selection,
  canSelect = () => true,
  pending = false,
  empty,
}: DataTableProps<Row>) {
  const grid = useRef<HTMLTableElement>(null)
  useGridKeys(grid)
  const table = useTable({ features, columns, data: rows, getRowId: idOf })
  const lines = table.getRowModel().rows
  const hasBoxes = selection !== undefined && rows.some(canSelect)

  return (
    <div
      className="data-table min-w-0 rounded-md border border-line-strong bg-surface max-md:border-0 max-md:bg-transparent"
      data-density={density}
      aria-busy={pending || undefined}
    >
      <table
        ref={grid}
        {...(selection ? roles.gridOfMany : roles.grid)}
        aria-label={label}
        className="w-full table-fixed border-separate border-spacing-0 max-md:block"
      >
        <thead {...roles.rowgroup} className="max-md:block">
          {table.getHeaderGroups().map((group) => (
            <tr
              key={group.id}
              {...roles.row}
              className="h-8 max-md:flex max-md:items-center max-md:gap-3 max-md:overflow-x-auto max-md:px-3"
            >
              {selection && (
                <th {...roles.columnheader} className={classNames(headLook, 'w-10 pl-2!')}>
                  {hasBoxes ? (
                    <Checkbox
                      label="Select all rows on this page"
                      hideLabel
                      checked={selection.page === 'all'}
                      indeterminate={selection.page === 'some'}
                      onChange={selection.togglePage}
                    />
                  ) : (
                    <span className="sr-only">Selection</span>
                  )}
                </th>
              )}
              {group.headers.map((header) => (
                <HeaderCell
                  key={header.id}
                  column={header.column.id}
                  look={header.column.columnDef.meta}
                  className={headLook}
                  sort={sort}
                  sortHref={sortHref}
                >
                  <table.FlexRender header={header} />
                </HeaderCell>
              ))}
            </tr>
          ))}
        </thead>
        <tbody
          {...roles.rowgroup}
          className={classNames('max-md:flex max-md:flex-col max-md:gap-2', pending && 'opacity-60')}
        >
          {lines.map((line) => {
            const chosen = selection?.has(line.id) ?? false
            return (
              <tr key={line.id} {...roles.row} aria-selected={selection ? chosen : undefined}>
                {selection && (
                  <td {...roles.gridcell} className="row-box">
                    {canSelect(line.original) && (
                      <Checkbox
                        label={`Select ${nameOf(line.original)}`}
                        hideLabel
                        checked={chosen}
                        onChange={(event) =>
                          selection.toggle(
                            line.original,
                            event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey,
                          )
                        }
                      />
                    )}
                  </td>
                )}
                {line.getAllCells().map((cell) => {
                  const look = cell.column.columnDef.meta
                  const { header } = cell.column.columnDef
                  return (
                    <td
                      key={cell.id}
                      {...roles.gridcell}
                      data-label={look?.cardLabel ?? (typeof header === 'string' ? header : undefined)}
                      className={cellLook(look)}
                    >
                      <table.FlexRender cell={cell} />
                    </td>
                  )
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
      {lines.length === 0 && empty}
    </div>
  )
}

/* Said outright: once its parts are drawn as cards, a table loses the roles its elements stand for. */
const roles = {
  grid: { role: 'grid' },
  gridOfMany: { role: 'grid', 'aria-multiselectable': true },
  rowgroup: { role: 'rowgroup' },
  row: { role: 'row' },
  columnheader: { role: 'columnheader' },
  gridcell: { role: 'gridcell' },
} as const

const headLook =
  'z-5 border-b border-line-strong bg-sunken px-3 text-left text-xs font-medium text-dim first:rounded-tl-md last:rounded-tr-md md:sticky md:top-0 lg:top-12 max-md:w-auto! max-md:border-0 max-md:bg-transparent max-md:px-0! max-md:first:pl-0! max-md:shrink-0 max-md:min-w-max'
