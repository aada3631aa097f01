import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import type { UseOfKey } from '#lib/kms/usage/record-use.ts'
import { errorAnswer } from './error-body.ts'
import { codeOf, EndpointMetrics } from './metrics.ts'
import { type Keepers, readingsOf } from './metrics-readings.ts'
import { readExposition, sumOf } from './testing/exposition.ts'

const numbersOf = async (metrics: EndpointMetrics) => readExposition(await metrics.text())

test('a request counts by operation, class of its status and code, and its time is in a bucket', async () => {
  const metrics = new EndpointMetrics({ process: 3 })
  for (const milliseconds of [0.05, 0.2, 0.4, 3, 700]) {
    metrics.begun()
    metrics.answered('Sign', { status: 200, body: '{}' }, milliseconds)
  }
  metrics.begun()
  metrics.answered('Sign', errorAnswer(new KmsError('keyNotFound'), 'request'), 2)
  metrics.begun()
  const numbers = await numbersOf(metrics)
  const of = { operation: 'Sign', process: '3' }
  expect(sumOf(numbers, 'keystead_requests_total', { ...of, status: '2xx', code: '' })).toBe(5)
  expect(sumOf(numbers, 'keystead_requests_total', { ...of, status: '4xx', code: 'KMS.0207' })).toBe(1)
  const duration = 'keystead_request_duration_seconds'
  const below = (le: string) => sumOf(numbers, duration, { ...of, le }, `${duration}_bucket`)
  expect(['0.0001', '0.00025', '0.0005', '0.001', '0.0025', '0.005', '0.5', '1', '+Inf'].map(below)).toEqual([
    1, 2, 3, 3, 4, 5, 5, 6, 6,
  ])
  expect(sumOf(numbers, duration, of, `${duration}_sum`)).toBeCloseTo(0.70565, 5)
  expect(sumOf(numbers, 'keystead_requests_in_flight')).toBe(1)
})

test('the process tells of itself', async () => {
  const numbers = await numbersOf(new EndpointMetrics({ process: 1 }))
  for (const name of [
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_heap_size_used_bytes',
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
  ])
    expect(numbers.get(name)?.samples).toEqual([expect.objectContaining({ labels: { process: '1' } })])
})

test('an error is told by its code in both forms, and only by a code of the table', () => {
  expect(codeOf(errorAnswer(new KmsError('keyNotFound'), 'request'))).toBe('KMS.0207')
  expect(codeOf(errorAnswer(new KmsError('signatureInvalid'), 'request'))).toBe('APIGW.0301')
  expect(codeOf(errorAnswer(new KmsError('accessKeysTooMany', { values: { ids: '' } }), 'request'))).toBe(
    'Keystead.0025',
  )
  expect(codeOf({ status: 200, body: '{"error_code":"KMS.0207"}' })).toBe('')
  expect(codeOf({ status: 400, body: '{"message":"\\"error_code\\":\\"KMS.0207\\""}' })).toBe('')
  expect(codeOf({ status: 400, body: '{"error":{"error_code":"KMS.0207X"}}' })).toBe('')
})

test('nothing that a caller chose becomes a label', async () => {
  const metrics = new EndpointMetrics({ process: 1 })
  const handed: UseOfKey[] = []
  const recorder = metrics.counting({ add: (_ctx, use) => handed.push(use) })
  for (let i = 0; i < 500; i++) {
    const chosen = `chosen-${i}`
    const ctx = {
      accountId: chosen,
      actor: { kind: 'user', id: chosen, name: chosen },
      requestId: chosen,
    } as KmsContext
    const key = { id: chosen, name: chosen, project_id: chosen, spec: 'AES_256' } as UseOfKey['key']
    const message = `No such path: GET /${chosen}`
    metrics.begun()
    metrics.answered('Sign', errorAnswer(new KmsError('pathNotFound', { message }), chosen), i)
    metrics.refused('none', errorAnswer(new KmsError('signatureInvalid'), chosen))
    recorder.add(ctx, { use: 'encryptData', accountId: chosen, key, refused: null })
    recorder.add(ctx, { use: 'encryptData', accountId: chosen, key, refused: 'keyNotEnabled' })
    recorder.add(ctx, { use: 'decryptData', accountId: chosen, key: null, refused: 'keyNotFound' })
  }
  expect(handed).toHaveLength(1_500)
  const text = await metrics.text()
  expect(text).not.toContain('chosen')
  const numbers = readExposition(text)
  expect(numbers.get('keystead_requests_total')?.samples).toHaveLength(2)
  expect(
    numbers.get('keystead_key_uses_total')?.samples.map(({ labels, value }) => ({ ...labels, value })),
  ).toEqual([
    { process: '1', use: 'encryptData', spec: 'AES_256', outcome: 'done', value: 500 },
    { process: '1', use: 'encryptData', spec: 'AES_256', outcome: 'KMS.1301', value: 500 },
    { process: '1', use: 'decryptData', spec: 'none', outcome: 'KMS.0207', value: 500 },
  ])
})

test('what others keep is read at the scrape, and one that cannot be read hides no other', async () => {
  const cache = { statistics: { entries: 5, hits: 100, misses: 7, evictions: 1, loads: 6 } }
  const instance = {
    lease: { holds: true },
    statistics: { renewals: 10, failedRenewals: 1, registrations: 1, acknowledged: 4 },
  }
  const metrics = new EndpointMetrics({
    process: 1,
    readings: readingsOf({
      cache,
      instance,
      pool: () => {
        throw new Error('gone')
      },
      admission: { statistics: { shed: 3 } },
    }),
  })
  const first = await numbersOf(metrics)
  expect(sumOf(first, 'keystead_cache_hits_total')).toBe(100)
  expect(first.get('keystead_cache_hits_total')?.type).toBe('counter')
  expect(first.get('keystead_cache_entries')?.type).toBe('gauge')
  expect(sumOf(first, 'keystead_lease_held')).toBe(1)
  expect(sumOf(first, 'keystead_requests_shed_total')).toBe(3)
  expect(sumOf(first, 'keystead_database_waiting')).toBeNaN()
  cache.statistics.hits = 150
  instance.lease.holds = false
  const second = await numbersOf(metrics)
  expect(sumOf(second, 'keystead_cache_hits_total')).toBe(150)
  expect(sumOf(second, 'keystead_lease_held')).toBe(0)
})

test('docs/metrics.md names each of them, and none besides', async () => {
  const anything: Keepers = {
    pool: () => ({ size: 0, idle: 0, waiting: 0, max: 0 }),
    cache: { statistics: { entries: 0, hits: 0, misses: 0, evictions: 0, loads: 0 } },
    instance: {
      lease: { holds: true },
      statistics: { renewals: 0, failedRenewals: 0, registrations: 0, acknowledged: 0 },
    },
    asymmetric: () => ({ threads: 0, running: 0, waiting: 0, refused: 0 }),
    generation: () => ({ running: 0, waiting: 0 }),
    uses: { statistics: { eventsWaiting: 0, eventsLost: 0 } },
    admission: { statistics: { shed: 0 } },
  }
  const metrics = new EndpointMetrics({ process: 1, readings: readingsOf(anything) })
  const told = [...(await numbersOf(metrics)).keys()].filter((name) => name.startsWith('keystead_'))
  const document = await readFile('docs/metrics.md', 'utf8')
  const rows = document.split('\n').filter((row) => row.startsWith('| `keystead_'))
  const named = rows.flatMap((row) => row.split('|')[1]?.match(/keystead_\w+/g) ?? [])
  expect(named.toSorted()).toEqual(told.toSorted())
})
