import type { Database } from '#lib/db/client.ts'
import { type ChainReport, verifyAudit } from '#lib/kms/audit/verify-audit.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'

export const auditUsage =
  'npm run audit -- verify checks every audit chain and names the first event that was changed, removed, inserted or cut off.'

/** Verifies every audit chain of the installation and says in one sentence each how it is. */
export async function describeAudit(
  db: Database,
  rootKey: RootKey,
): Promise<{ lines: string[]; intact: boolean }> {
  const reports = await verifyAudit(db, rootKey)
  const accounts = await inSystemTransaction(db, 'administration', (sql) =>
    sql.account.findMany({ select: { id: true, name: true } }),
  )
  const names = new Map(accounts.map(({ id, name }) => [id, name]))
  const ownerOf = ({ accountId }: ChainReport): string =>
    accountId === null ? 'Installation' : `Account ${names.get(accountId) ?? 'unknown'} (${accountId})`
  return {
    lines: reports.map((report) => `${ownerOf(report)}: ${sentence(report)}`),
    intact: reports.every(({ problem }) => problem === null),
  }
}

function sentence({ chainId, events, problem }: ChainReport): string {
  const intact = `${events} ${events === 1n ? 'event' : 'events'}`
  if (problem === null) return `${intact}, all as they were recorded.`
  if (chainId === null) return 'the audit chain is gone, with every event from number 1 on.'
  const before = `${intact} before it ${events === 1n ? 'is' : 'are'} as recorded.`
  switch (problem.kind) {
    case 'changed':
      return `event ${problem.seq} is not what was recorded; ${before}`
    case 'removed':
      return `event ${problem.seq} was removed; ${before}`
    case 'inserted':
      return `event ${problem.seq} was inserted outside the chain; the chain's own ${intact} are as recorded.`
    case 'cut off':
      return `the end of the chain was moved: events from number ${problem.seq} on may have been cut off; ${before}`
    case 'unverifiable':
      return 'the key of the chain does not open, so that no event from number 1 on can be checked: the chain was tampered with.'
  }
}
