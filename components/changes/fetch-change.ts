import type { ActionError } from '#lib/actions/result.ts'
import type { ChangeView, ItemOutcome } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'

/** What stands between the person and the answer. */
export type Problem = Pick<ActionError, 'kind' | 'message'> & Partial<Pick<ActionError, 'code' | 'requestId'>>

/** No answer arrived: the network, or a process that is gone. */
export const noAnswer: Problem = {
  kind: 'unexpected',
  message: 'No answer arrived. Check the connection to Keystead.',
}

export type FetchedChange = { ok: true; change: ChangeView } | { ok: false; problem: Problem }

/** Reads how far a change has come, with one page of its items. Never throws, except when aborted. */
export async function fetchChange(
  { projectId, id }: Pick<ChangeView, 'projectId' | 'id'>,
  options: { page?: number; pageSize?: number; outcome?: ItemOutcome; signal?: AbortSignal } = {},
): Promise<FetchedChange> {
  const address = new URL(routes.changeProgress(projectId, id), window.location.origin)
  if (options.page) address.searchParams.set('page', String(options.page))
  if (options.pageSize) address.searchParams.set('page-size', String(options.pageSize))
  if (options.outcome) address.searchParams.set('outcome', options.outcome)
  try {
    const response = await fetch(address, {
      headers: { accept: 'application/json' },
      cache: 'no-store',
      signal: options.signal ?? null,
    })
    const body: unknown = await response.json()
    if (response.ok) return { ok: true, change: body as ChangeView }
    return { ok: false, problem: (body as { error: ActionError }).error ?? noAnswer }
  } catch (error) {
    if (options.signal?.aborted) throw error
    return { ok: false, problem: noAnswer }
  }
}

/** Whether nothing more will happen to it by itself. */
export function isSettled(change: Pick<ChangeView, 'status'>): boolean {
  return change.status === 'done' || change.status === 'stopped'
}
