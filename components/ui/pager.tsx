'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type ReactNode, useId } from 'react'
import { formatCount } from '#lib/format/count.ts'
import { classNames } from './class-names.ts'
import { pageNumbers, pageRange, pageSizes, type Total } from './page-numbers.ts'

export type PagerProps = {
  page: number
  size: number
  total: Total
  /** What is counted, in the plural: "keys". */
  noun: string
  /** Address of a page. A change of size leads to page 1. */
  hrefFor: (page: number, size: number) => string
  /** Beside the count, such as a link that counts exactly. */
  extra?: ReactNode
}

/** "Showing 1–20 of 312 keys", the page numbers, and rows per page. Addresses, so that back and links work. */
export function Pager({ page, size, total, noun, hrefFor, extra }: PagerProps) {
  const router = useRouter()
  const sizeId = useId()
  const { first, last, pages, hasPrevious, hasNext } = pageRange(page, size, total)
  const all = `${formatCount(total.count)}${total.atLeast ? '+' : ''}`
  const cell =
    'inline-flex h-8 min-w-8 items-center justify-center rounded-md px-1.5 tabular-nums transition-colors'
  const step = (to: number, allowed: boolean, label: string, icon: ReactNode) =>
    allowed ? (
      <Link
        href={hrefFor(to, size)}
        scroll={false}
        prefetch={false}
        aria-label={label}
        className={classNames(cell, 'text-text hover:bg-sunken hover:text-strong')}
      >
        {icon}
      </Link>
    ) : (
      <span className={classNames(cell, 'text-disabled')} aria-hidden="true">
        {icon}
      </span>
    )

  return (
    <div className="flex flex-wrap items-center gap-x-6 gap-y-2 py-1 text-sm text-dim">
      <p className="tabular-nums">
        {total.count === 0 || first === 0 ? (
          `No ${noun} on this page`
        ) : (
          <>
            Showing {formatCount(first)}–{formatCount(last)} of {all} {noun}
          </>
        )}
        {extra && <> {extra}</>}
      </p>
      <div className="flex items-center gap-2 sm:ml-auto">
        <label htmlFor={sizeId}>Rows per page</label>
        <select
          id={sizeId}
          value={size}
          onChange={(event) => router.push(hrefFor(1, Number(event.target.value)), { scroll: false })}
          className="h-8 rounded-md border border-control bg-surface px-1.5 text-text"
        >
          {pageSizes.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      </div>
      <nav aria-label="Pages" className="flex items-center gap-0.5">
        {step(page - 1, hasPrevious, 'Previous page', <ChevronLeft size={16} aria-hidden="true" />)}
        {pageNumbers(Math.min(page, pages), pages).map((number, at, list) =>
          number === null ? (
            <span key={`gap-${list[at - 1]}`} className="px-1" aria-hidden="true">
              …
            </span>
          ) : (
            <Link
              key={number}
              href={hrefFor(number, size)}
              scroll={false}
              prefetch={false}
              aria-label={`Page ${number}`}
              aria-current={number === page ? 'page' : undefined}
              className={classNames(
                cell,
                number === page
                  ? 'bg-accent-tint font-medium text-accent'
                  : 'text-text hover:bg-sunken hover:text-strong',
              )}
            >
              {number}
            </Link>
          ),
        )}
        {step(page + 1, hasNext, 'Next page', <ChevronRight size={16} aria-hidden="true" />)}
      </nav>
    </div>
  )
}
