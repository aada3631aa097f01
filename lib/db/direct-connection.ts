import type { Client } from 'pg'
import { StartProblem } from '#lib/start-problem.ts'

/** The oldest supported Postgres, as `server_version_num` writes it. */
const OLDEST_SERVER = 150_000

/**
 * Sees that this connection leads to Postgres itself, of a supported version. Behind a transaction pooler LISTEN is
 * lost and an advisory lock locks out nobody; a pooler shows itself by greeting with a process number that is not
 * the one of the server process which then answers.
 * @throws StartProblem with what to do.
 */
export async function checkDirectConnection(client: Client): Promise<void> {
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
