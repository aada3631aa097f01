import { useCallback, useEffect, useReducer, useRef } from 'react'
import { applyChangeAction } from '#lib/actions/changes.ts'
import type { ActionResult } from '#lib/actions/result.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { fetchChange, isSettled, noAnswer, type Problem } from './fetch-change.ts'
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
  | { type: 'read'; change: ChangeView }
  | { type: 'unread'; problem: Problem }

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
      return { at: 'review', change, problem: event.problem }
    case 'lost':
      return { at: 'lost', change, checking: false, problem: event.problem }
    case 'check':
      return step.at === 'lost' ? { ...step, checking: true } : step
    case 'read':
      return stepOf(event.change)
    case 'unread':
      return step.at === 'lost'
        ? { ...step, checking: false, problem: event.problem }
        : { at: 'applying', change, problem: event.problem }
  }
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
const pollEveryMs = 700

/**
 * Takes a planned change through its review to its result.
 *
 * @param plan what `startChange(request)` answered, begun by the press that opened the review
 * @param onSettled is told once, when the last key has its result
 */
export function useChangeFlow(
  request: ChangeRequest,
  plan: ReturnType<typeof startChange>,
  onSettled: (change: ChangeView) => void,
) {
  const [step, send] = useReducer(next, { at: 'planning' })
  const running = useRef(false)

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
        if (result.ok) send({ type: 'read', change: result.data })
        else if (isUncertain(result.error)) send({ type: 'lost', problem: result.error })
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

  // The answer to OK comes with the result of a small change; a large one is followed from here
  const followed = step.at === 'applying' && step.change.status !== 'planned'
  const projectId = change?.projectId ?? null
  useEffect(() => {
    if (!followed || changeId === null || projectId === null) return
    const abort = new AbortController()
    let timer = setTimeout(read, pollEveryMs)
    async function read() {
      const answer = await fetchChange({ id: changeId ?? '', projectId: projectId ?? '' }, abort).catch(
        () => null,
      )
      if (answer === null || abort.signal.aborted) return
      timer = setTimeout(read, pollEveryMs)
      if (answer.ok) send({ type: 'read', change: answer.change })
      else send({ type: 'unread', problem: answer.problem })
    }
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [followed, changeId, projectId])

  const settled = step.at === 'result' ? step.change : null
  const told = useRef<string>(undefined)
  useEffect(() => {
    if (!settled || told.current === settled.id) return
    told.current = settled.id
    onSettled(settled)
  }, [settled, onSettled])

  return { step, planAgain, apply, check }
}

function isUncertain(problem: Problem): boolean {
  return problem.kind === 'unexpected' || problem.code === 'unconfirmed'
}

function withinTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(new Error('No answer in time')), answerWithinMs)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
