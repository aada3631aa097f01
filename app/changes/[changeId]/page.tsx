import { redirect } from 'next/navigation'
import { ChangeResult } from '#components/change-page/change-result.tsx'
import { PlannedChange } from '#components/change-page/planned-change.tsx'
import { readItemQuestion } from '#lib/change-url.ts'
import { readChange } from '#lib/queries/changes.ts'
import { routes } from '#lib/routes.ts'

/** A change: its review while it is planned, then its progress and the result of each key. */
export default async function ChangePage({
  params,
  searchParams,
}: {
  params: Promise<{ changeId: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const { changeId } = await params
  const question = readItemQuestion(await searchParams)
  const change = await readChange({ changeId, ...question })
  if (change.status !== 'planned') return <ChangeResult drawn={change} outcome={question.outcome} />
  if (change.operation === 'scheduleDeletion') redirect(routes.deleteKeys(change.projectId, changeId))
  // A review starts at its first page, whatever the address of a result says.
  return <PlannedChange change={await readChange({ changeId })} />
}
