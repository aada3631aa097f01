import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { isSettled, type Problem } from '#components/changes/fetch-change.ts'
import { followChange } from '#components/changes/follow-change.ts'
import type { ChangeView, ItemOutcome } from '#lib/kms/model/views.ts'

/**
 * A change as it stands now: the one the page was drawn with, followed by GET while it runs. When its last key has a
 * result the page is read again.
 */
export function useLiveChange(drawn: ChangeView, outcome: ItemOutcome | undefined) {
  const router = useRouter()
  const [read, setRead] = useState<ChangeView | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const { id, projectId } = drawn
  const { page, pageSize } = drawn.itemsPage
  const runs = !isSettled(drawn) && drawn.status !== 'planned'

  const current = runs && read?.id === id ? read : drawn
  const { status } = current

  useEffect(() => {
    if (!runs) return
    const abort = new AbortController()
    const question = { page, pageSize, ...(outcome && { outcome }), signal: abort.signal }
    followChange({ id, projectId, status }, question, (answer) => {
      setProblem(answer.ok ? null : answer.problem)
      if (answer.ok) setRead(answer.change)
      if (answer.ok && isSettled(answer.change)) router.refresh()
    })
    return () => abort.abort()
  }, [runs, id, projectId, status, page, pageSize, outcome, router])

  return { change: current, problem: runs ? problem : null }
}
