import { Client, DatabaseError } from 'pg'
import { StartProblem } from '#lib/start-problem.ts'

/** The oldest supported Postgres, as `server_version_num` writes it. */
const OLDEST_SERVER = 150_000

/**
 * Opens one dedicated connection to Postgres itself, as LISTEN and advisory locks need it.
 *
 * @param queryTimeout milliseconds after which a query is given up, also when the connection is silently dead; none: never
 * @throws StartProblem, without the password, when there is no such database, it refuses the user, it is too old, or
 * the connection leads through a pooler.
 */
export async function openDirectConnection(
  connectionString: string,
  applicationName: string,
  queryTimeout?: number,
): Promise<Client> {
  const client = new Client({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    ...(queryTimeout === undefined ? {} : { query_timeout: queryTimeout }),
  })
  // The query under way reports a lost connection; without a listener the event would end the process as well.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await checkServer(client)
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error instanceof StartProblem ? error : connectionProblem(error, client)
  }
  return client
}

/**
 * Behind a transaction pooler LISTEN is lost and an advisory lock locks out nobody; a pooler shows itself by greeting
 * with a process number that is not the one of the server process which then answers.
 */
async function checkServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ version: number; pid: number }>(
    `SELECT current_setting('server_version_num')::int AS version, pg_backend_pid() AS pid`,
  )
  const { version, pid } = rows[0] as (typeof rows)[number]
  if (version < OLDEST_SERVER) {
    throw new StartProblem('DATABASE_URL leads to a Postgres older than 15: use Postgres 15 or later.')
  }
  // node-postgres keeps the number of the greeting (BackendKeyData); its types do not say so.
  const { processID: greeted } = client as Client & { processID: number | null }
  if (greeted !== pid) {
    throw new StartProblem(
      'DATABASE_URL leads through a pooler, which breaks LISTEN and advisory locks: point it at Postgres itself.',
    )
  }
}

function connectionProblem(error: unknown, client: Client): StartProblem {
  const options = { cause: error }
  if (error instanceof DatabaseError) {
    if (error.code === '28P01' || error.code === '28000') {
      return new StartProblem(
        `The database refuses the user "${client.user}" of DATABASE_URL: correct the user or the password.`,
        options,
      )
    }
    if (error.code === '3D000') {
      return new StartProblem(
        `The database "${client.database}" of DATABASE_URL does not exist: make it, or correct the name.`,
        options,
      )
    }
    return new StartProblem(`The database of DATABASE_URL refuses the connection: ${error.message}.`, options)
  }
  const reason = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
  return new StartProblem(
    `No database answers at ${client.host}:${client.port}${reason}: start it, or correct DATABASE_URL.`,
    options,
  )
}
