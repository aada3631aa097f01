import { formatCount, plural } from '#lib/format/count.ts'
import { formatMoment } from '#lib/format/time.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { dayMilliseconds } from '#lib/kms/model/limits.ts'
import { inTransaction } from '#lib/kms/transaction.ts'
import { type RefusedCallView, readRefusedCalls, refusedCallsMax } from '#lib/kms/usage/read-refused-calls.ts'

/**
 * Who was refused what in the last days: a table for each key, the latest first.
 *
 * @param zone in which times are told
 */
export async function describeRefusedCalls(ctx: KmsContext, days: number, zone: string): Promise<string[]> {
  const { since, keys } = await keysThatRefused(ctx, days)
  const lines: string[] = []
  for (const key of keys) {
    const calls = (await refusedCallsOf(ctx, key)).filter(({ lastAt }) => new Date(lastAt) >= since)
    if (calls.length === 0) continue
    lines.push('', `${key.name}  ${key.id}  project ${key.projectId}`)
    lines.push(...table(calls, zone).map((line) => `  ${line}`))
    if (calls.length === refusedCallsMax) lines.push(`  Only the latest ${refusedCallsMax} are shown.`)
  }
  const period = days === 1 ? 'the last day' : `the last ${plural(days, 'day')}`
  if (lines.length === 0) return [`No call was refused in ${period}.`]
  return [`Refused in ${period}; calls are counted since the first of their kind.`, ...lines]
}

type Key = { id: string; name: string; projectId: string }

function keysThatRefused(ctx: KmsContext, days: number): Promise<{ since: Date; keys: Key[] }> {
  return inTransaction(ctx, async (tx) => {
    const since = new Date(tx.now.getTime() - days * dayMilliseconds)
    const keys = await tx.sql.key.findMany({
      where: { accountId: ctx.accountId, refusedCalls: { some: { lastAt: { gte: since } } } },
      select: { id: true, name: true, projectId: true },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
    })
    return { since, keys }
  })
}

/** None of a key that is due to be deleted, or was meanwhile: it does not exist for anyone. */
async function refusedCallsOf(ctx: KmsContext, { id, projectId }: Key): Promise<RefusedCallView[]> {
  try {
    return await readRefusedCalls(ctx, { projectId, keyId: id })
  } catch (error) {
    if (error instanceof KmsError && error.code === 'keyNotFound') return []
    throw error
  }
}

function table(calls: readonly RefusedCallView[], zone: string): string[] {
  const head = ['Operation', 'Caller', 'Calls', 'First', 'Last', 'Address', 'Reason', 'Caller ID']
  const rows = calls.map((call) => [
    call.operation,
    call.actorName,
    formatCount(call.calls),
    formatMoment(call.firstAt, zone),
    formatMoment(call.lastAt, zone),
    call.sourceAddress ?? '-',
    call.reason,
    call.actorId,
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const numbers = head.indexOf('Calls')
  return [head, ...rows].map((row) =>
    row
      .map((text, column) =>
        column === numbers ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}
