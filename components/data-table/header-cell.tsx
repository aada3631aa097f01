'use client'

import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react'
import Link from 'next/link'
import { type ReactNode, useId } from 'react'
import { classNames } from '#components/ui/class-names.ts'
import { columnPresence } from './cell-look.ts'
import type { ColumnLook } from './columns.ts'

export type Sort = { column: string; direction: 'asc' | 'desc' }

// Written out, as in DataTable.
const headerRole = { role: 'columnheader' } as const

/** The head of a column: a link that sorts by it, or turns the order round, when it can be sorted. */
export function HeaderCell({
  column,
  look,
  sort,
  sortHref,
  className,
  children,
}: {
  column: string
  look: ColumnLook | undefined
  sort: Sort | undefined
  sortHref: ((sort: Sort) => string) | undefined
  className: string
  children: ReactNode
}) {
  const noteId = useId()
  const sorted = sort?.column === column ? sort.direction : undefined
  const Arrow = sorted === 'asc' ? ArrowUp : sorted === 'desc' ? ArrowDown : ChevronsUpDown
  const end = look?.align === 'end'
  return (
    <th
      {...headerRole}
      aria-sort={sorted && (sorted === 'asc' ? 'ascending' : 'descending')}
      className={classNames(
        className,
        look?.width,
        end && 'md:text-right',
        columnPresence(look),
        !look?.sortable && 'max-md:sr-only',
      )}
    >
      {look?.sortable && sortHref ? (
        <Link
          data-tooltip={look.note}
          aria-describedby={look.note && noteId}
          href={sortHref({ column, direction: sorted === 'asc' ? 'desc' : 'asc' })}
          scroll={false}
          prefetch={false}
          className={classNames(
            'group/sort -mx-1 inline-flex h-6 items-center md:max-w-full gap-1 rounded-sm px-1 transition-colors hover:text-strong',
            sorted && 'text-strong',
          )}
        >
          <span className="whitespace-nowrap md:truncate">{children}</span>
          <Arrow
            size={12}
            className={classNames('shrink-0', !sorted && 'opacity-60 group-hover/sort:opacity-100')}
            aria-hidden="true"
          />
        </Link>
      ) : (
        <span className="block truncate">{children}</span>
      )}
      {look?.note && (
        <span id={noteId} hidden>
          {look.note}
        </span>
      )}
    </th>
  )
}
