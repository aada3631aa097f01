import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'

// Every Prisma command first downloads a native engine unless this names an existing file. `prisma generate` never
// runs it, and nothing else of the Prisma command line is used.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(new URL('package.json', import.meta.url))

export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' } })
