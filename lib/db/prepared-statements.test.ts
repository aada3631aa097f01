import { expect, test } from 'vitest'
import { statementNames } from './prepared-statements.ts'

test('writing and locking statements have names of their own, the same each time', () => {
  const nameOf = statementNames()
  const statements = [
    '\n  UPDATE key SET state = $1',
    'INSERT INTO "public"."change" VALUES ($1)',
    'WITH moved AS (UPDATE key SET state = $1) SELECT 1',
    'SELECT id FROM key WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE OF k',
    'SELECT * FROM keystead_begin($1::uuid, $2::uuid, $3)',
  ]
  const names = statements.map((sql) => nameOf({ sql, args: [] }))
  expect(new Set(names).size).toBe(statements.length)
  expect(names).not.toContain('')
  expect(statements.map((sql) => nameOf({ sql, args: [] }))).toEqual(names)
})

test('what only reads stays unnamed, and so does what comes after the most that a connection may hold', () => {
  const nameOf = statementNames(1)
  expect(nameOf({ sql: 'SELECT k.id FROM key k WHERE lower(k.name) LIKE $1', args: [] })).toBe('')
  expect(nameOf({ sql: 'UPDATE a SET b = $1', args: [] })).not.toBe('')
  expect(nameOf({ sql: 'UPDATE a SET c = $1', args: [] })).toBe('')
})

test('one text is named for few rows and unnamed for many, which are planned for their number', () => {
  const nameOf = statementNames()
  const sql = 'UPDATE key SET state = $1 WHERE id = ANY($2::uuid[])'
  const named = nameOf({ sql, args: ['3', ['a', 'b']] })
  expect(named).not.toBe('')
  expect(nameOf({ sql, args: ['3', Array.from({ length: 500 }, () => 'a')] })).toBe('')
  expect(nameOf({ sql, args: ['3', ['c']] })).toBe(named)
})
