import { openDatabase } from '#lib/db/client.ts'
import type { Environment } from '#lib/env.ts'
import { startRunner } from '#lib/jobs/run-jobs.ts'
import { installationStore } from '#lib/kms/root-key/installation-store.ts'
import { openRootKey } from '#lib/kms/root-key/open-root-key.ts'
import { openLog } from '#lib/log.ts'

/**
 * Starts what runs by the clock in this process, on connections of its own, so that a busy job takes none from requests.
 * @returns what stops it, letting the piece of work under way finish.
 */
export async function startJobs(
  processName: 'console' | 'endpoint',
  connectionString: string,
  env: Environment,
): Promise<() => Promise<void>> {
  const db = openDatabase(connectionString, {
    connections: 2,
    applicationName: `keystead ${processName} jobs`,
  })
  const { rootKey, authSecret } = await openRootKey(
    { value: env.rootKey, file: env.rootKeyFile, dataDir: env.dataDir },
    installationStore(db),
  )
  authSecret[Symbol.dispose]()
  const runner = startRunner({
    db,
    rootKey,
    dataDir: env.dataDir,
    log: openLog(`${processName} jobs`, env.logLevel),
  })
  return async () => {
    await runner.stop()
    await db.$disconnect()
  }
}
