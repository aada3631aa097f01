import type { ReactNode } from 'react'
import { classNames } from '#components/ui/class-names.ts'

/** Written out because some browsers drop the roles of a table's parts when they are laid out as blocks. */
const roles = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'cell' },
} as const

/** The table of a change: a heading per column and a row per key; on a phone each row is a block. */
export function ItemTable({
  label,
  columns,
  children,
}: {
  label: string
  columns: readonly string[]
  children: ReactNode
}) {
  return (
    <table
      {...roles.table}
      aria-label={label}
      className="w-full border-collapse text-left max-sm:block sm:table-auto"
    >
      <thead {...roles.group} className="max-sm:sr-only">
        <tr {...roles.row} className="border-b border-line-strong">
          {columns.map((column) => (
            <th
              key={column}
              {...roles.head}
              scope="col"
              className="h-8 pr-4 text-xs font-medium text-dim last:pr-0"
            >
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody {...roles.group} className="max-sm:block">
        {children}
      </tbody>
    </table>
  )
}

/** One key of a change. */
export function ItemRow({ children }: { children: ReactNode }) {
  return (
    <tr
      {...roles.row}
      className="border-b border-line align-top last:border-b-0 max-sm:flex max-sm:flex-col max-sm:gap-1 max-sm:py-2.5"
    >
      {children}
    </tr>
  )
}

/** One cell of it. */
export function ItemCell({ children, className }: { children: ReactNode; className?: string | undefined }) {
  return (
    <td {...roles.cell} className={classNames('py-2 pr-4 last:pr-0 max-sm:p-0', className)}>
      {children}
    </td>
  )
}
