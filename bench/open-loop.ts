import { setTimeout as pause } from 'node:timers/promises'

/**
 * Begins `perSecond` requests a second whether or not earlier ones have been answered, as many people do who know
 * nothing of each other, until `until` is settled and at least `atLeast` were begun. Each is timed from the moment at
 * which it was due, so that a stall is felt by everyone who came meanwhile.
 */
export async function openLoop(
  request: () => Promise<unknown>,
  { perSecond, atLeast, until }: { perSecond: number; atLeast: number; until: Promise<unknown> },
): Promise<number[]> {
  let over = false
  const end = until.finally(() => {
    over = true
  })
  const answers: Promise<number>[] = []
  const begun = performance.now()
  while (!over || answers.length < atLeast) {
    const due = begun + (answers.length * 1000) / perSecond
    const wait = due - performance.now()
    if (wait > 0) await pause(wait)
    answers.push(request().then(() => performance.now() - due))
  }
  await end
  return Promise.all(answers)
}
