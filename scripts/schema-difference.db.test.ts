import { Client } from 'pg'
import { expect, test } from 'vitest'
import { freshDatabase } from '#lib/db/testing/fresh-database.ts'
import { schemaDifference } from './schema-difference.ts'

test('the migrations make what the schema of the client says', async () => {
  await using database = await freshDatabase()
  expect(await schemaDifference(database.connectionString)).toBeNull()
})

test('a column that only the schema knows is seen', async () => {
  await using database = await freshDatabase()
  const client = new Client({ connectionString: database.connectionString })
  await client.connect()
  await client.query('ALTER TABLE account DROP COLUMN data_events').finally(() => client.end())
  expect(await schemaDifference(database.connectionString)).toContain('ADD COLUMN     "data_events"')
})
