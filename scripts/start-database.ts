import { startPostgres } from '#lib/db/embedded/start-postgres.ts'
import type { Environment } from '#lib/env.ts'
import { StartProblem } from '#lib/start-problem.ts'

export type RunningDatabase = AsyncDisposable & {
  /** For the role that owns the database. */
  connectionString: string
  /** Rejects with a StartProblem when an embedded database ends without having been asked to. */
  fallen: Promise<never>
}

const never = new Promise<never>(() => undefined)

/** The database of `DATABASE_URL`, or else the embedded one, which stops with the disposal of the result. */
export async function startDatabase({ databaseUrl, dataDir }: Environment): Promise<RunningDatabase> {
  if (databaseUrl) {
    return { connectionString: databaseUrl, fallen: never, [Symbol.asyncDispose]: async () => undefined }
  }
  const postgres = await startPostgres(dataDir)
  let wanted = false
  const fallen = postgres.ended.then(() => {
    if (wanted) return never
    throw new StartProblem(
      'The embedded Postgres ended unexpectedly, so everything was stopped: start again; nothing that was saved is lost.',
    )
  })
  fallen.catch(() => undefined)
  return {
    connectionString: postgres.connectionString,
    fallen,
    async [Symbol.asyncDispose]() {
      wanted = true
      console.log('Stopping the database …')
      await postgres.stop()
    },
  }
}
