import { expect, test } from 'vitest'
import { toCsv } from './csv.ts'

test('cells with commas, quotes and line breaks are quoted, rows end in CRLF', () => {
  expect(toCsv([['a', 'b,c', 'say "hi"', 'two\nlines', '密钥']])).toBe(
    '\uFEFFa,"b,c","say ""hi""","two\nlines",密钥\r\n',
  )
})

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\tx', "'\tx"],
  ['\rx', '"\'\rx"'],
  ['a=b', 'a=b'],
  ['', ''],
])('%j cannot run as a formula', (given, cell) => {
  expect(toCsv([[given]])).toBe(`\uFEFF${cell}\r\n`)
})
