// npm run db:diff: prints the SQL between what the migrations make and prisma/schema.prisma, for whoever writes the next
// migration. Row-level security, checks and partial indexes are not in the schema language: it would drop none of them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '#lib/db/embedded/start-postgres.ts'
import { migrate } from '#lib/db/migrate.ts'
import { schemaDifference } from './schema-difference.ts'

const dataDir = await mkdtemp(join(tmpdir(), 'keystead-diff-'))
const postgres = await startPostgres(dataDir)
try {
  await migrate(postgres.connectionString)
  console.log((await schemaDifference(postgres.connectionString)) ?? 'The migrations and the schema agree.')
} finally {
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
}
