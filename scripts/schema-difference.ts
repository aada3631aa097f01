import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import { SchemaEngine } from '@prisma/schema-engine-wasm'
import { Pool } from 'pg'
import { projectRoot } from './project-root.ts'

/** Object ids of the types `"char"`, which system tables use and Prisma's adapter does not know, and `text`. */
const CHAR = 18
const TEXT = 25

type RowDescription = { fields: { dataTypeID: number }[] }
type WithConnection = { connection: NodeJS.EventEmitter }

/** Prisma's adapter, taught to tell the engine of a `"char"` what it is. It keeps one connection, one query at a time. */
function describingAdapter(connectionString: string): SqlMigrationAwareDriverAdapterFactory {
  let described: number[] = []
  const pool = new Pool({ connectionString, max: 1 })
  pool.on('connect', (client) => {
    const { connection } = client as unknown as WithConnection
    connection.prependListener('rowDescription', ({ fields }: RowDescription) => {
      described = fields.map(({ dataTypeID }) => dataTypeID)
      for (const field of fields) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT
    })
  })
  const factory = new PrismaPg(pool)
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    async connect() {
      const adapter = await factory.connect()
      const queryRaw = adapter.queryRaw.bind(adapter)
      adapter.queryRaw = async (query) => {
        const result = await queryRaw(query)
        const columnTypes = result.columnTypes.map((type, index) =>
          described[index] === CHAR ? ColumnTypeEnum.Character : type,
        )
        return { ...result, columnTypes }
      }
      const dispose = adapter.dispose.bind(adapter)
      adapter.dispose = async () => {
        await dispose()
      }
      return adapter
    },
  }
}

/** The SQL that would take a migrated database to prisma/schema.prisma; null when they agree. */
export async function schemaDifference(connectionString: string): Promise<string | null> {
  const path = join(projectRoot, 'prisma', 'schema.prisma')
  const content = await readFile(path, 'utf8')
  const files = [{ path, content }]
  const adapter = bindMigrationAwareSqlAdapterFactory(describingAdapter(connectionString))
  using engine = await SchemaEngine.new({ datamodels: [[path, content]] }, () => undefined, adapter)
  const { stdout, exitCode } = await engine.diff({
    from: { tag: 'schemaDatasource', files, configDir: projectRoot },
    to: { tag: 'schemaDatamodel', files },
    script: true,
    exitCode: true,
    filters: { externalTables: ['public._prisma_migrations'], externalEnums: [] },
  })
  return exitCode === 0 ? null : stdout
}
