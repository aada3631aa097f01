import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { LogLevel } from '#lib/env.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { openLog } from '#lib/log.ts'
import { errorAnswer } from './error-body.ts'
import { Observer } from './observer.ts'

function observing(level: LogLevel) {
  const lines: Record<string, unknown>[] = []
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()))
      done()
    },
  })
  const clock = { now: 0 }
  return {
    lines,
    clock,
    observer: new Observer(openLog('endpoint', level, destination), null, () => clock.now),
  }
}

const origin = { requestId: 'request-1', sourceAddress: '192.0.2.7' }
const well = { status: 200, body: '{}' }

test('at debug every request is one line: who, what, with what outcome and for how long', () => {
  const { observer, lines } = observing('debug')
  const call = observer.begun('Sign', origin)
  call.known({ userId: 'user-1', accessKeyId: 'AK1' })
  call.ended(errorAnswer(new KmsError('keyNotEnabled'), 'request-1'))
  expect(lines).toEqual([
    {
      level: 20,
      time: expect.any(Number),
      pid: process.pid,
      hostname: expect.any(String),
      name: 'endpoint',
      msg: 'answered',
      operation: 'Sign',
      status: 400,
      code: 'KMS.1301',
      milliseconds: expect.any(Number),
      userId: 'user-1',
      accessKeyId: 'AK1',
      ...origin,
    },
  ])
})

test('at info what goes well, and what the caller did wrong, is not told', () => {
  const { observer, lines } = observing('info')
  observer.begun('Sign', origin).ended(well)
  observer.begun('Sign', origin).ended(errorAnswer(new KmsError('keyNotFound'), 'request-1'))
  observer.refused(errorAnswer(new KmsError('pathNotFound'), 'request-1'), origin)
  expect(lines).toEqual([])
})

test('refusals by the gateway are told as a sample of each kind with the number of the others', () => {
  const { observer, lines, clock } = observing('info')
  const unsigned = errorAnswer(new KmsError('signatureInvalid'), 'request-1')
  for (let i = 0; i < 1_000; i++) observer.refused(unsigned, origin)
  observer.begun('Sign', origin).ended(errorAnswer(new KmsError('rateExceeded'), 'request-1'))
  const told = () => lines.splice(0).map(({ msg, code, alsoRefused }) => ({ msg, code, alsoRefused }))
  expect(told()).toEqual([
    { msg: 'refused', code: 'APIGW.0301', alsoRefused: 0 },
    { msg: 'refused', code: 'APIGW.0308', alsoRefused: 0 },
  ])
  clock.now += 10_000
  observer.refused(unsigned, origin)
  expect(told()).toEqual([{ msg: 'refused', code: 'APIGW.0301', alsoRefused: 999 }])
})

test('a fault is told with its request, its causes, and nothing that hangs on them', () => {
  const { observer, lines } = observing('error')
  const cause = Object.assign(new Error('no route'), { code: 'EHOSTUNREACH', parameters: ['hanging'] })
  const call = observer.begun('Sign', origin)
  call.known({ userId: 'user-1', accessKeyId: null })
  call.failed(Object.assign(new Error('it broke', { cause }), { meta: { row: 'hanging' } }))
  call.ended(well)
  expect(lines).toEqual([
    expect.objectContaining({
      msg: 'a request failed',
      operation: 'Sign',
      userId: 'user-1',
      ...origin,
      err: {
        type: 'Error',
        message: 'it broke',
        stack: expect.stringContaining('observer.test.ts'),
        cause: expect.objectContaining({ message: 'no route', code: 'EHOSTUNREACH' }),
      },
    }),
  ])
  expect(JSON.stringify(lines)).not.toContain('hanging')
})

test('a great many faults of one kind do not become as many lines', () => {
  const { observer, lines, clock } = observing('info')
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) observer.begun('Sign', origin).failed(new Error('the database is gone'))
    observer.failed(new RangeError('another kind'), origin)
  }
  fail(1_000)
  expect(lines.splice(0)).toHaveLength(21)
  clock.now += 10_000
  fail(2)
  expect(lines.map(({ alsoFailed }) => alsoFailed)).toEqual([980, 0, 0])
})

test('faults of another call, or with another name or code, are of another kind', () => {
  const { observer, lines } = observing('error')
  const fail = (operation: string, error: Error) => observer.begun(operation, origin).failed(error)
  for (let i = 0; i < 30; i++) fail('Sign', new Error('one fault'))
  fail('Verify', new Error('another call'))
  fail('Sign', new TypeError('another name'))
  fail('Sign', Object.assign(new Error('another code'), { code: 'ECONNRESET' }))
  observer.failed(new Error('no call'), origin)
  const told = lines.map(({ err }) => (err as Error).message)
  expect(told).toEqual([
    ...Array(20).fill('one fault'),
    'another call',
    'another name',
    'another code',
    'no call',
  ])
})

test('of a whole request only its id and where it came from are told', () => {
  const { observer, lines } = observing('trace')
  const request = {
    ...origin,
    url: '/hanging',
    rawHeaders: ['authorization', 'hanging'],
    body: Buffer.from('hanging'),
  }
  const call = observer.begun('Sign', request)
  call.known({ ...{ userId: 'user-1', accessKeyId: null }, ...{ signature: 'hanging' } })
  call.failed(new Error('it broke'))
  call.ended({ ...well, body: '"hanging"' })
  observer.refused(errorAnswer(new KmsError('signatureInvalid'), 'request-1'), request)
  observer.failed(new Error('it broke'), request)
  expect(lines).toHaveLength(5)
  expect(JSON.stringify(lines)).not.toContain('hanging')
})
