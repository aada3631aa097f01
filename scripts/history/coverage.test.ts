import { expect, test } from 'vitest'
import { KmsError } from '#lib/kms/model/errors.ts'
import { ChangeLog } from './change-log.ts'
import { coverageOf, tooLittle } from './coverage.ts'
import type { Fault } from './faults.ts'
import { History, monotonicNow } from './history.ts'
import { Tally } from './tally.ts'

const off = (...keys: string[]) => keys.map((key) => ({ switch: `key ${key}`, to: 'off' as const }))
const done = async (): Promise<void> => undefined

test('a Disable counts when it has returned, a plan of several keys as one', async () => {
  const history = new History()
  const log = new ChangeLog(history)
  const tally = new Tally(history, () => undefined)
  const fault: Fault = { name: 'database cut', process: 'a', begin: monotonicNow(), end: Infinity }
  await log.turn('disable by plan', off('k', 'm', 'n'), done)
  fault.end = monotonicNow()
  await log.turn('disable', off('k'), done)
  await log.turn('schedule deletion', off('k'), done)
  await log.turn('disable', off('k'), () => Promise.reject(new Error('lost')))
  const already = () => Promise.reject(new KmsError('keyNotEnabled'))
  await log.turn('disable', off('k'), already, ['keyNotEnabled'])
  const coverage = coverageOf({ log, tally, faults: [fault] })
  expect(coverage).toMatchObject({ disables: 2, keysDisabled: 4 })
  expect(coverage.disablesDuring).toMatchObject({ 'database cut': 1, 'killed and started': 0 })
  expect(tooLittle(coverage)).toContain('Disables returned while a process was database cut: 1 of 50')
})
