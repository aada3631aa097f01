import { describe, expect, test } from 'vitest'
import { pageNumbers, pageRange } from './page-numbers.ts'

describe('the rows of a page', () => {
  test.each([
    { page: 1, size: 20, count: 312, first: 1, last: 20, pages: 16, previous: false, next: true },
    { page: 16, size: 20, count: 312, first: 301, last: 312, pages: 16, previous: true, next: false },
    { page: 1, size: 20, count: 20, first: 1, last: 20, pages: 1, previous: false, next: false },
    { page: 2, size: 20, count: 21, first: 21, last: 21, pages: 2, previous: true, next: false },
    { page: 1, size: 20, count: 0, first: 0, last: 0, pages: 1, previous: false, next: false },
    { page: 10_000, size: 20, count: 312, first: 0, last: 0, pages: 16, previous: true, next: false },
  ])('page $page of $size in $count', ({ page, size, count, first, last, pages, previous, next }) => {
    expect(pageRange(page, size, { count })).toEqual({
      first,
      last,
      pages,
      hasPrevious: previous,
      hasNext: next,
    })
  })

  test('where counting stopped early there is always a next page', () => {
    expect(pageRange(500, 20, { count: 10_000, atLeast: true })).toMatchObject({
      first: 9981,
      last: 10_000,
      hasNext: true,
    })
  })

  test('going back from a page beyond the end leads to the last page', () => {
    expect(pageRange(10_000, 20, { count: 312 })).toMatchObject({ pages: 16, hasPrevious: true })
  })
})

describe('the page numbers on offer', () => {
  test.each([
    [1, 1, [1]],
    [1, 3, [1, 2, 3]],
    [1, 16, [1, 2, null, 16]],
    [8, 16, [1, null, 7, 8, 9, null, 16]],
    [16, 16, [1, null, 15, 16]],
    [4, 16, [1, 2, 3, 4, 5, null, 16]],
  ])('page %i of %i', (page, pages, numbers) => {
    expect(pageNumbers(page, pages)).toEqual(numbers)
  })
})
