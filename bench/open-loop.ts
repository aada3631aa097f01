import { setTimeout as pause } from 'node:timers/promises'

export type Answered = {
  /** Milliseconds from when each was due to when it was answered. */
  taken: number[]
  /** How many were answered with an error, or not at all. */
  failed: number
}

/**
 * Begins `perSecond` requests a second whether or not earlier ones have been answered, as many people do who know
 * nothing of each other, until `until` is settled and at least `atLeast` were begun. Each is timed from the moment at
 * which it was due, so that a stall is felt by everyone who came meanwhile. What was taken is answered in the order begun.
 */
export async function openLoop(
  request: (at: number) => Promise<unknown>,
  { perSecond, atLeast, until }: { perSecond: number; atLeast: number; until: Promise<unknown> },
): Promise<Answered> {
  let over = false
  let failed = 0
  const settle = (): void => {
    over = true
  }
  until.then(settle, settle)
  const answers: Promise<number>[] = []
  const begun = performance.now()
  while (!over || answers.length < atLeast) {
    const due = begun + (answers.length * 1000) / perSecond
    const wait = due - performance.now()
    if (wait > 0) await pause(wait)
    const answered = request(answers.length)
      .catch(() => {
        failed++
      })
      .then(() => performance.now() - due)
    answers.push(answered)
  }
  const taken = await Promise.all(answers)
  await until
  return { taken, failed }
}
