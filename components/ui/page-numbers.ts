/** Rows per page that can be chosen. */
export const pageSizes = [10, 20, 50, 100] as const

/** How many rows there are; `atLeast` when counting stopped early and there may be more. */
export type Total = { count: number; atLeast?: boolean }

export type PageRange = {
  /** Position of the first and last row of the page, from 1; both 0 when there are none. */
  first: number
  last: number
  /** Number of the last page known; at least 1. */
  pages: number
  hasPrevious: boolean
  hasNext: boolean
}

/** Which rows a page holds. `page` starts at 1; a page beyond the end holds none and leads back. */
export function pageRange(page: number, size: number, { count, atLeast = false }: Total): PageRange {
  const pages = Math.max(1, Math.ceil(count / size))
  const first = (page - 1) * size + 1
  const beyond = first > count && !atLeast
  return {
    first: beyond ? 0 : first,
    last: beyond ? 0 : atLeast && page >= pages ? page * size : Math.min(page * size, count),
    pages,
    hasPrevious: page > 1,
    hasNext: page < pages || (atLeast && page * size <= count),
  }
}

/**
 * The page numbers to offer, with null where some are left out: first, last, and those around the current one.
 */
export function pageNumbers(page: number, pages: number): (number | null)[] {
  const near = [1, page - 1, page, page + 1, pages].filter((n) => n >= 1 && n <= pages)
  const numbers = [...new Set(near)].sort((a, b) => a - b)
  return numbers.flatMap((n, at) => {
    const before = numbers[at - 1]
    if (before === undefined || n === before + 1) return [n]
    return n === before + 2 ? [n - 1, n] : [null, n]
  })
}
