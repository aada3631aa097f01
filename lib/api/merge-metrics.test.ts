import { expect, test } from 'vitest'
import { mergeMetrics } from './merge-metrics.ts'
import { EndpointMetrics } from './metrics.ts'
import { readExposition, sumOf } from './testing/exposition.ts'

test('the numbers of several processes stand side by side', async () => {
  const texts = []
  for (const process of [1, 2, 3]) {
    const metrics = new EndpointMetrics({
      process,
      readings: process === 2 ? [{ name: 'keystead_only_here', help: 'Of one process.', read: () => 7 }] : [],
    })
    for (let i = 0; i < process; i++) metrics.refused('Sign', { status: 200, body: '{}' })
    texts.push(await metrics.text())
  }
  const numbers = readExposition(mergeMetrics(texts))
  const requests = (labels: Record<string, string>) => sumOf(numbers, 'keystead_requests_total', labels)
  expect(['1', '2', '3'].map((process) => requests({ process }))).toEqual([1, 2, 3])
  expect(requests({})).toBe(6)
  expect(sumOf(numbers, 'keystead_only_here', { process: '2' })).toBe(7)
  expect(numbers.get('process_start_time_seconds')?.samples).toHaveLength(3)
})

test('one process alone stays as it is', async () => {
  const text = await new EndpointMetrics({ process: 1 }).text()
  expect(readExposition(mergeMetrics([text]))).toEqual(readExposition(text))
})
