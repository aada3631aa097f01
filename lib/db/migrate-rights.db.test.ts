import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import { type PlainUser, plainUser } from './testing/plain-user.ts'

let user: PlainUser

beforeEach(async () => {
  user = await plainUser()
})

afterEach(() => user[Symbol.asyncDispose]())

test('without the right to make roles the start says what an administrator has to run', async () => {
  await expect(migrate(user.connectionString)).rejects.toThrow(
    `The database role "${user.name}" may not make roles: as an administrator run CREATE ROLE keystead_app NOLOGIN; GRANT keystead_app TO "${user.name}"; then start again.`,
  )
})

test('without the right to create extensions it names pg_trgm', async () => {
  await user.asSuperuser(`GRANT keystead_app TO ${user.name}`)
  await expect(migrate(user.connectionString)).rejects.toThrow(
    'as an administrator run CREATE EXTENSION pg_trgm',
  )
})

test('without the right to make tables it asks for the owner of the database', async () => {
  await user.asSuperuser(`GRANT keystead_app TO ${user.name}; CREATE EXTENSION pg_trgm`)
  await expect(migrate(user.connectionString)).rejects.toThrow('may not make tables in the schema public')
})

test('an owner who may neither make roles nor extensions migrates once an administrator has made both', async () => {
  await user.asSuperuser(
    `GRANT keystead_app TO ${user.name}; CREATE EXTENSION pg_trgm; ALTER DATABASE ${user.name} OWNER TO ${user.name}`,
  )
  await migrate(user.connectionString)
  await migrate(user.connectionString)
})
