import { useCallback, useEffect, useReducer, useRef } from 'react'
import { applyChangeAction } from '#lib/actions/changes.ts'
import type { ActionResult } from '#lib/actions/result.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { fetchChange, isSettled, noAnswer, type Problem } from './fetch-change.ts'
import { followChange } from './follow-change.ts'
import { type ChangeRequest, startChange } from './start-change.ts'

/** Where a change stands between the press of its button and its result. */
export type ChangeStep =
  | { at: 'planning' }
  /** No review could be made. */
  | { at: 'unplanned'; problem: Problem }
  | { at: 'review'; change: ChangeView; problem?: Problem }
  | { at: 'applying'; change: ChangeView; problem?: Problem }
  /** OK was pressed and nobody knows whether it arrived. */
  | { at: 'lost'; change: ChangeView; checking: boolean; problem: Problem }
  | { at: 'result'; change: ChangeView }

type Event =
  | { type: 'plan' }
  | { type: 'planned'; result: ActionResult<ChangeView> | { ok: false; error: Problem } }
  | { type: 'apply' }
  | { type: 'refused'; problem: Problem }
  | { type: 'lost'; problem: Problem }
  | { type: 'check' }
  /** OK was answered, or what was lost was looked up. */
  | { type: 'read'; change: ChangeView }
  | { type: 'unread'; problem: Problem }
  /** Saved, and the answer to OK knows no more. */
  | { type: 'unconfirmed' }
  /** Read by GET, while OK may not have been answered yet. */
  | { type: 'followed'; change: ChangeView }

function next(step: ChangeStep, event: Event): ChangeStep {
  if (event.type === 'plan') return { at: 'planning' }
  if (event.type === 'planned') {
    const { result } = event
    return result.ok ? { at: 'review', change: result.data } : { at: 'unplanned', problem: result.error }
  }
  if (!('change' in step)) return step
  const { change } = step
  switch (event.type) {
    case 'apply':
      return { at: 'applying', change }
    case 'refused':
      return saved(step) ?? { at: 'review', change, problem: event.problem }
    case 'lost':
      return saved(step) ?? { at: 'lost', change, checking: false, problem: event.problem }
    case 'unconfirmed':
      return saved(step) ?? { at: 'applying', change: { ...change, status: 'confirming' } }
    case 'check':
      return step.at === 'lost' ? { ...step, checking: true } : step
    case 'read':
      // The answer to OK may arrive after GET has read the end
      return step.at === 'result' && !isSettled(event.change) ? step : stepOf(event.change)
    case 'followed':
      return step.at !== 'applying' || event.change.status === 'planned' ? step : stepOf(event.change)
    case 'unread':
      if (step.at === 'lost') return { ...step, checking: false, problem: event.problem }
      return saved(step) ? { at: 'applying', change, problem: event.problem } : step
  }
}

/** The step, if the change is known to be saved: no failure of a later call takes that back. */
function saved(step: ChangeStep): ChangeStep | null {
  if (step.at === 'result') return step
  return step.at === 'applying' && step.change.status !== 'planned' ? step : null
}

const notApplied: Problem = {
  kind: 'refused',
  message: 'Nothing was applied: the confirmation did not arrive. Press OK again.',
}

function stepOf(change: ChangeView): ChangeStep {
  if (isSettled(change)) return { at: 'result', change }
  if (change.status === 'planned') return { at: 'review', change, problem: notApplied }
  return { at: 'applying', change }
}

/** After this long without an answer it counts as lost; the server's own limits are shorter. */
const answerWithinMs = 30_000

/**
 * Takes a planned change through its review to its result.
 *
 * @param plan what `startChange(request)` answered, begun by the press that opened the review
 * @param onSettled is told once, when the last key has its result and no instance is awaited; `answered`: by the
 *   answer to OK, with which the list came as it is now
 */
export function useChangeFlow(
  request: ChangeRequest,
  plan: ReturnType<typeof startChange>,
  onSettled: (change: ChangeView, answered: boolean) => void,
) {
  const [step, send] = useReducer(next, { at: 'planning' })
  const running = useRef(false)
  const answered = useRef(false)

  useEffect(() => {
    let stale = false
    plan
      .catch(() => ({ ok: false as const, error: noAnswer }))
      .then((result) => {
        if (!stale) send({ type: 'planned', result })
      })
    return () => {
      stale = true
    }
  }, [plan])

  const planAgain = useCallback(async () => {
    send({ type: 'plan' })
    const result = await startChange(request).catch(() => ({ ok: false as const, error: noAnswer }))
    send({ type: 'planned', result })
  }, [request])

  const changeId = 'change' in step ? step.change.id : null

  const apply = useCallback(
    async (confirmation: { understood?: boolean }) => {
      // A double click arrives before the button has been drawn anew
      if (changeId === null || running.current) return
      running.current = true
      send({ type: 'apply' })
      try {
        const result = await withinTime(applyChangeAction({ changeId, ...confirmation }))
        answered.current = result.ok
        if (result.ok) send({ type: 'read', change: result.data })
        else if (result.error.code === 'unconfirmed') send({ type: 'unconfirmed' })
        else if (result.error.kind === 'unexpected') send({ type: 'lost', problem: result.error })
        else send({ type: 'refused', problem: result.error })
      } catch {
        send({ type: 'lost', problem: noAnswer })
      } finally {
        running.current = false
      }
    },
    [changeId],
  )

  const change = 'change' in step ? step.change : null
  const check = useCallback(async () => {
    if (!change) return
    send({ type: 'check' })
    const read = await fetchChange(change)
    if (read.ok) send({ type: 'read', change: read.change })
    else send({ type: 'unread', problem: read.problem })
  }, [change])

  // A large change is followed from here, and so is a small one that awaits an instance, be OK answered or not
  const followed = step.at === 'applying'
  const status = change?.status
  const projectId = change?.projectId
  useEffect(() => {
    if (!followed || !changeId || !projectId || !status) return
    const abort = new AbortController()
    followChange({ id: changeId, projectId, status }, abort, (answer) => {
      if (answer.ok) send({ type: 'followed', change: answer.change })
      else send({ type: 'unread', problem: answer.problem })
    })
    return () => abort.abort()
  }, [followed, changeId, projectId, status])

  const settled = step.at === 'result' ? step.change : null
  const told = useRef<string>(undefined)
  useEffect(() => {
    if (!settled || told.current === settled.id) return
    told.current = settled.id
    onSettled(settled, answered.current)
  }, [settled, onSettled])

  return { step, planAgain, apply, check }
}

function withinTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(new Error('No answer in time')), answerWithinMs)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
