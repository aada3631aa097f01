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
  const names = statements.map((sql) => nameOf({ sql }))
  expect(new Set(names).size).toBe(statements.length)
  expect(names).not.toContain('')
  expect(statements.map((sql) => nameOf({ sql }))).toEqual(names)
})

test('what only reads stays unnamed, and so does what comes after the most that a connection may hold', () => {
  const nameOf = statementNames(1)
  expect(nameOf({ sql: 'SELECT k.id FROM key k WHERE lower(k.name) LIKE $1' })).toBe('')
  expect(nameOf({ sql: 'UPDATE a SET b = $1' })).not.toBe('')
  expect(nameOf({ sql: 'UPDATE a SET c = $1' })).toBe('')
})
