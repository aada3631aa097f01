import { useEffect, useState } from 'react'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { followChange } from './follow-change.ts'

/**
 * While a form waits for the answer to its OK: the change as GET reads it, since the answer may be held up until every
 * instance has confirmed. Before and after, the change as it was drawn.
 */
export function useSavedChange(drawn: ChangeView, pending: boolean): ChangeView {
  const [read, setRead] = useState<ChangeView | null>(null)
  const { id, projectId, status } = drawn
  useEffect(() => {
    if (!pending) return
    const abort = new AbortController()
    followChange({ id, projectId, status }, abort, (answer) => {
      if (answer.ok) setRead(answer.change)
    })
    return () => {
      abort.abort()
      setRead(null)
    }
  }, [pending, id, projectId, status])
  return read ?? drawn
}
