import { expect, test } from 'vitest'
import { Admission } from './admission.ts'

const use = { id: 'EncryptData', writes: false }
const change = { id: 'DisableKey', writes: true }

/** What one use costs the loop, and what turning one away does, in milliseconds. */
const served = 0.1
const refused = 0.025

/** An event loop whose turns are as long as what has come in the one before makes them. */
class Loop {
  now = 0
  #afterTurn: (() => void) | undefined
  readonly admission = new Admission({
    now: () => this.now,
    afterTurn: (callback) => {
      this.#afterTurn = callback
    },
  })

  /** Handles so many requests in one turn; answers how many were let in. */
  turn(requests: number, operation = use): number {
    let admitted = 0
    for (let count = 0; count < requests; count++) {
      if (this.admission.admits(operation)) {
        admitted++
        this.admission.begun(operation)
        this.now += served
        this.admission.ended(operation)
      } else this.now += refused
    }
    this.#afterTurn?.()
    this.#afterTurn = undefined
    return admitted
  }

  /** Requests that come evenly, `load` times what can be served; answers what became of them. */
  run(milliseconds: number, load: number): { admitted: number; refused: number; longest: number } {
    const end = this.now + milliseconds
    const all = { admitted: 0, refused: 0, longest: 0 }
    let since = this.now
    let waiting = 0
    while (this.now < end) {
      if (this.now === since) this.now += served
      waiting += ((this.now - since) * load) / served
      since = this.now
      const requests = Math.floor(waiting)
      waiting -= requests
      const admitted = this.turn(requests)
      all.admitted += admitted
      all.refused += requests - admitted
      all.longest = Math.max(all.longest, this.now - since)
    }
    return all
  }
}

test('at half load nobody is turned away', () => {
  expect(new Loop().run(10_000, 0.5).refused).toBe(0)
})

test.for([30, 100, 300])('a burst or pause of %i ms at half load turns nobody away', (milliseconds) => {
  const loop = new Loop()
  loop.run(1_000, 0.5)
  loop.turn(milliseconds / served)
  const missed = milliseconds / 2 / served
  expect(loop.turn(missed)).toBe(missed)
  expect(loop.turn(missed / 2)).toBe(missed / 2)
  expect(loop.run(1_000, 0.5).refused).toBe(0)
})

test.for([1.2, 2, 3])('at %d times what can be served some are let in and turns stay short', (load) => {
  const loop = new Loop()
  loop.run(1_000, 0.5)
  // Until it is noticed, each turn is longer than the one before.
  expect(loop.run(500, load).longest).toBeLessThan(60)
  const lasting = loop.run(5_000, load)
  expect(lasting.longest).toBeLessThan(12)
  expect(lasting.refused).toBeGreaterThan(0)
  // What refusals leave of the time goes to serving.
  const affordable = (1 - load * (refused / served)) / (1 - refused / served)
  expect(lasting.admitted / (5_000 / served)).toBeGreaterThan(affordable * 0.7)
})

test('more than can even be turned away still leaves something for those let in', () => {
  const loop = new Loop()
  loop.run(100, 5)
  expect(loop.turn(1_000)).toBeGreaterThan(0)
  expect(loop.turn(1_000)).toBeGreaterThan(0)
})

test('with 32 callers at once nobody is turned away, however slow everything is', () => {
  const loop = new Loop()
  for (let each = 0; each < 100; each++) {
    loop.now += 50
    expect(loop.turn(32)).toBe(32)
  }
})

test('half a second of twice the load is over at once', () => {
  const loop = new Loop()
  expect(loop.run(500, 2).refused).toBeGreaterThan(0)
  loop.run(100, 0.5)
  expect(loop.run(5_000, 0.5).refused).toBe(0)
  loop.turn(300)
  expect(loop.turn(150)).toBe(150)
})

test('changes are let in while uses are turned away', () => {
  const loop = new Loop()
  loop.run(500, 2)
  loop.now += 1
  expect(loop.turn(500)).toBeLessThan(500)
  expect(loop.turn(500, change)).toBe(500)
})

test('changes that are let in in one turn are no more than may be under way at once', () => {
  const { admission } = new Loop()
  const letIn = Array.from({ length: 300 }, () => admission.admits(change))
  expect(letIn).toEqual([...Array(256).fill(true), ...Array(44).fill(false)])
  for (let each = 0; each < 256; each++) admission.begun(change)
  expect(admission.admits(change)).toBe(false)
  admission.ended(change)
  expect(admission.admits(change)).toBe(true)
  expect(admission.admits(change)).toBe(false)
  expect(admission.statistics).toEqual({ shed: 46 })
})

test('calls that wait are as many as are done in 10 ms, once more have waited for a while', () => {
  const loop = new Loop()
  const { admission } = loop
  let underWay = 0
  const come = (count: number): number => {
    let admitted = 0
    for (let each = 0; each < count; each++) {
      if (!admission.admits(use)) continue
      admission.begun(use)
      admitted++
    }
    underWay += admitted
    return admitted
  }
  const end = (count: number): void => {
    for (let each = 0; each < count; each++) admission.ended(use)
    underWay -= count
  }
  // 10 done each millisecond: 100 may wait.
  for (let each = 0; each < 500; each++) {
    loop.now += 1
    expect(come(10)).toBe(10)
    end(10)
    loop.turn(0)
  }
  expect(come(150)).toBe(150)
  loop.turn(0)
  loop.now += 10
  expect(come(10)).toBe(10)
  loop.turn(0)
  loop.now += 15
  expect(come(10)).toBe(0)
  end(70)
  expect(come(100)).toBeLessThan(100)
  expect(underWay).toBeLessThanOrEqual(101)
  expect(admission.statistics.shed).toBeGreaterThan(0)
})

test('some may always wait, also where nothing has been done yet', () => {
  const { admission } = new Loop()
  for (let each = 0; each < 32; each++) {
    expect(admission.admits(use)).toBe(true)
    admission.begun(use)
  }
  expect(admission.statistics).toEqual({ shed: 0 })
})
