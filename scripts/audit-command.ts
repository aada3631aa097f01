import type { Database } from '#lib/db/client.ts'
import { type ChainReport, verifyAudit } from '#lib/kms/audit/verify-audit.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { StartProblem } from '#lib/start-problem.ts'

const refusedDays = 30
/** Refused calls are kept for no longer. */
const refusedDaysMax = 400

const auditUsage = `npm run audit -- verify
npm run audit -- data-events
npm run audit -- data-events on
npm run audit -- data-events off
npm run audit -- refused [DAYS]

verify checks every audit chain and names the first event that was changed, removed, inserted or cut off.
data-events says whether uses of keys are recorded in the audit chain, or switches it; they are counted either way.
refused lists who was refused what in the last DAYS, ${refusedDays} unless given, ${refusedDaysMax} at most: key by key, the latest first.`

type AuditCommand =
  | { name: 'verify' }
  /** `enabled` null: only says how it stands. */
  | { name: 'data-events'; enabled: boolean | null }
  | { name: 'refused'; days: number }

/** @throws {StartProblem} how to use it */
export function readAuditCommand([name, word, ...rest]: string[]): AuditCommand {
  if (rest.length > 0) throw new StartProblem(auditUsage)
  if (name === 'verify' && word === undefined) return { name }
  if (name === 'data-events') {
    if (word === undefined) return { name, enabled: null }
    if (word === 'on' || word === 'off') return { name, enabled: word === 'on' }
  }
  if (name === 'refused') {
    const days = word === undefined ? refusedDays : Number(word)
    if (Number.isInteger(days) && days >= 1 && days <= refusedDaysMax) return { name, days }
  }
  throw new StartProblem(auditUsage)
}

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
