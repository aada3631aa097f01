/**
 * A turn of the event loop: the kernel is asked which connections have something to read, all of them are read, and then
 * (Node's check phase) what was put off until then is done.
 */

let reading: Promise<void> | undefined
let afterwards: (() => void)[] = []

/**
 * Resolves when everything that could be read in this turn has been read; the same promise for all who ask in one turn.
 *
 * Whoever waits for it before the work on a request does that work together with the others of the turn, one kind after
 * the other: all signatures, all bodies, all ciphertexts, all writes, instead of everything for one request and then
 * everything for the next. The processor's caches hold what each kind needs, and a client on the same machine is woken
 * once instead of once for each answer: docs/decisions/0009-admission.md says what that is worth. A request that comes
 * alone waits for nothing.
 */
export function endOfReading(): Promise<void> {
  reading ??= new Promise((resolve) => {
    setImmediate(() => {
      reading = undefined
      resolve()
    })
    // Node runs all that follows from one immediate before it runs the next.
    setImmediate(() => {
      const callbacks = afterwards
      afterwards = []
      for (const callback of callbacks) callback()
    })
  })
  return reading
}

/** Calls back when the work of all who waited for the end of reading in this turn is done, or waits for something else. */
export function afterTurn(callback: () => void): void {
  void endOfReading()
  afterwards.push(callback)
}
