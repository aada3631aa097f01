import type { ActionError } from '#lib/actions/result.ts'
import { keyCountsHref } from '#lib/key-list-url.ts'
import type { KeyFilter } from '#lib/kms/model/inputs/key-filter.ts'
import type { StateCounts } from '#lib/kms/model/views.ts'

export type CountsAnswer = { ok: true; counts: StateCounts } | { ok: false; message: string }

/** Counts the keys that match, per state. Never throws. */
export async function fetchStateCounts(filter: KeyFilter): Promise<CountsAnswer> {
  try {
    const response = await fetch(keyCountsHref(filter), {
      headers: { accept: 'application/json' },
      cache: 'no-store',
    })
    const body: unknown = await response.json()
    if (response.ok) return { ok: true, counts: body as StateCounts }
    return { ok: false, message: (body as { error: ActionError }).error.message }
  } catch {
    return { ok: false, message: 'No answer arrived. Check the connection to Keystead.' }
  }
}
