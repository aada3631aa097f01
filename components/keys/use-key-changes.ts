import { useRouter } from 'next/navigation'
import { useCallback, useEffect, useRef, useState, useTransition } from 'react'
import { announceOutcome } from '#components/changes/announce-outcome.ts'
import { resultSentences, wentAsReviewed } from '#components/changes/change-words.ts'
import { noAnswer } from '#components/changes/fetch-change.ts'
import { type ChangeRequest, startChange } from '#components/changes/start-change.ts'
import { announce } from '#components/ui/announcement.ts'
import { deleteKeysHref } from '#lib/key-list-url.ts'
import type { PlanChangeInput } from '#lib/kms/model/inputs/change.ts'
import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { KeyOperation } from '#lib/kms/model/key-state.ts'
import { limits } from '#lib/kms/model/limits.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'
import { settleSelection } from './settle-selection.ts'

type Expected = { operation: KeyOperation; keys: number }

/** The review that is open. */
export type OpenReview = {
  /** Tells one review from the next, so that a new one starts from the beginning. */
  turn: number
  request: ChangeRequest
  plan: ReturnType<typeof startChange>
  expected: Expected
  /** The row it was started from; null: the toolbar. */
  keyId: string | null
}

/**
 * Starts what the buttons of the list ask for: Enable, Disable and Cancel Deletion in a dialog, Delete on its page.
 * Nothing is changed before a review has been confirmed.
 */
export function useKeyChanges(list: KeyListInput) {
  const router = useRouter()
  const [review, setReview] = useState<OpenReview | null>(null)
  const [leaving, startLeaving] = useTransition()
  const [deleting, setDeleting] = useState<{ keyId: string | null } | null>(null)
  const turn = useRef(0)
  const mounted = useRef(false)
  useEffect(() => {
    mounted.current = true
    return () => {
      mounted.current = false
    }
  }, [])

  const open = useCallback((request: ChangeRequest, expected: Expected, keyId: string | null = null) => {
    turn.current += 1
    setReview({ turn: turn.current, request, plan: startChange(request), expected, keyId })
  }, [])

  const openDeletePage = useCallback(
    async (request: ChangeRequest, keyId: string | null) => {
      setDeleting({ keyId })
      const result = await startChange(request).catch(() => ({ ok: false as const, error: noAnswer }))
      if (result.ok) startLeaving(() => router.push(deleteKeysHref(result.data.id, list)))
      else announce(result.error.message, { tone: 'danger' })
      setDeleting(null)
    },
    [list, router],
  )

  const start = useCallback(
    (
      operation: KeyOperation,
      selection: PlanChangeInput['selection'],
      keys: number,
      keyId: string | null = null,
    ) => {
      const request: ChangeRequest = {
        kind: 'plan',
        input: { projectId: list.projectId, operation, selection },
      }
      if (operation === 'scheduleDeletion') openDeletePage(request, keyId)
      else open(request, { operation, keys }, keyId)
    },
    [list.projectId, open, openDeletePage],
  )

  const close = useCallback(() => {
    setReview(null)
    returnFocus(review?.keyId ?? null)
  }, [review])

  const tell = useCallback(
    (change: ChangeView) => {
      const calm = change.counts.skipped > 0 ? 'info' : 'success'
      announce(resultSentences(change), {
        tone: wentAsReviewed(change) ? calm : 'warning',
        action: [
          ...(change.undo ? [{ label: 'Undo', onAction: () => undo(change) }] : []),
          { label: 'View result', href: routes.change(change.projectId, change.id) },
        ],
      })
      function undo({ id, projectId, undo }: ChangeView) {
        if (mounted.current && undo) open({ kind: 'undo', changeId: id }, undo)
        else router.push(routes.change(projectId, id))
      }
    },
    [open, router],
  )

  const settled = useCallback(
    (change: ChangeView, answered: boolean) => {
      settleSelection(change)
      // A small change answered with the list as it is now; a large one was followed by GET
      if (!answered || change.total > limits.applyInRequestMax) router.refresh()
      if (!wentAsReviewed(change)) return
      close()
      tell(change)
    },
    [close, tell, router],
  )

  const leave = useCallback(
    (change: ChangeView) => {
      close()
      announceOutcome(change, (end) => {
        settleSelection(end)
        if (mounted.current) router.refresh()
        tell(end)
      })
    },
    [close, tell, router],
  )

  const planningDelete = deleting ?? (leaving ? { keyId: undefined } : null)
  return { review, start, open, close, leave, settled, planningDelete }
}

/**
 * The dialog gives the focus back to the button that opened it, but a row draws other buttons once its key has another
 * state. Then the first button of the row takes it, or the filter.
 */
function returnFocus(keyId: string | null) {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (document.activeElement !== document.body && document.activeElement !== null) return
      const row =
        keyId === null ? null : document.querySelector<HTMLElement>(`[data-operations-of="${keyId}"] button`)
      const toolbar = document.querySelector<HTMLElement>('[role=toolbar] button')
      ;(row ?? toolbar)?.focus()
    }),
  )
}
