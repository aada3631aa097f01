import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { fetchChange, isSettled, type Problem } from '#components/changes/fetch-change.ts'
import type { ChangeView, ItemOutcome } from '#lib/kms/model/views.ts'

const pollEveryMs = 1_000

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

  useEffect(() => {
    if (!runs) return
    const abort = new AbortController()
    let timer = setTimeout(poll, pollEveryMs)
    async function poll() {
      const asked = { page, pageSize, ...(outcome && { outcome }), signal: abort.signal }
      const answer = await fetchChange({ id, projectId }, asked).catch(() => null)
      if (answer === null || abort.signal.aborted) return
      setProblem(answer.ok ? null : answer.problem)
      if (answer.ok) setRead(answer.change)
      if (answer.ok && isSettled(answer.change)) router.refresh()
      else timer = setTimeout(poll, pollEveryMs)
    }
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [runs, id, projectId, page, pageSize, outcome, router])

  return { change: runs && read?.id === id ? read : drawn, problem: runs ? problem : null }
}
