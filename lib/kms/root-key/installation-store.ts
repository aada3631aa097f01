import type { Database } from '#lib/db/client.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'

/** The one row that says which root key sealed the database. Its first sealed secret is written with it. */
export type InstallationRow = { rootKeyId: Uint8Array; authSecretSealed: Uint8Array }

/** What opening the root key needs of the database. */
export type InstallationStore = {
  /**
   * Runs `work` while no other process opens a root key for this database. What `insert` writes is committed when
   * `work` has returned, and not at all when it throws.
   */
  whileLocked<T>(
    work: (row: InstallationRow | null, insert: (row: InstallationRow) => Promise<void>) => Promise<T>,
  ): Promise<T>
}

/** Any fixed number: whoever opens the root key of a database holds this advisory lock in it. */
const rootKeyLock = 4_839_201_734

/** The installation row of a migrated database. */
export function installationStore(db: Database): InstallationStore {
  return {
    whileLocked: (work) =>
      inSystemTransaction(db, 'administration', async (sql) => {
        await sql.$queryRaw`SELECT pg_advisory_xact_lock(${rootKeyLock}::bigint)::text`
        const row = await sql.installation.findUnique({
          where: { id: 1 },
          select: { rootKeyId: true, authSecretSealed: true },
        })
        return work(row, async ({ rootKeyId, authSecretSealed }) => {
          await sql.installation.create({
            data: {
              rootKeyId: Uint8Array.from(rootKeyId),
              authSecretSealed: Uint8Array.from(authSecretSealed),
            },
          })
        })
      }),
  }
}
