import type { ChangeView, ItemOutcome } from '#lib/kms/model/views.ts'
import { type FetchedChange, fetchChange, isSettled } from './fetch-change.ts'

const askEveryMs = 700
/** Instances that are well confirm a change in some ten milliseconds. */
const askConfirmingAfterMs = 200

/**
 * Reads a change again and again, handing on every answer, until nothing more will happen to it or `signal` is
 * aborted. What cannot be read now is asked for again. Never throws.
 */
export async function followChange(
  change: Pick<ChangeView, 'id' | 'projectId' | 'status'>,
  question: { page?: number; pageSize?: number; outcome?: ItemOutcome; signal: AbortSignal },
  onAnswer: (answer: FetchedChange) => void,
): Promise<void> {
  const { signal } = question
  if (isSettled(change)) return
  await pause(change.status === 'confirming' ? askConfirmingAfterMs : askEveryMs, signal)
  while (!signal.aborted) {
    const answer = await fetchChange(change, question).catch(() => null)
    if (answer === null || signal.aborted) return
    onAnswer(answer)
    if (answer.ok && isSettled(answer.change)) return
    await pause(askEveryMs, signal)
  }
}

/** Ends early, without an error, when `signal` is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) return Promise.resolve()
  const timer = setTimeout(resolve, milliseconds)
  signal.addEventListener('abort', () => {
    clearTimeout(timer)
    resolve()
  })
  return promise
}
