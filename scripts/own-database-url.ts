import { StartProblem } from '#lib/start-problem.ts'

/**
 * The database of a process that was started on its own, or by `npm start`, which passes it on.
 * @throws StartProblem when there is none.
 */
export function ownDatabaseUrl(databaseUrl: string | undefined): string {
  if (databaseUrl) return databaseUrl
  throw new StartProblem(
    'DATABASE_URL is not set: set it, or use npm start, which brings a database of its own.',
  )
}
