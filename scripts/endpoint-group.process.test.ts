import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { sumOf } from '#lib/api/testing/exposition.ts'
import { childProcessesNamed } from './testing/child-processes.ts'
import { runningEndpoints } from './testing/running-endpoints.ts'

/** Asks on a connection of its own, which the kernel gives to any of the processes. */
async function askAnew(url: string): Promise<string> {
  const answer = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    request(url, { agent: false }, resolve).on('error', reject).end()
  })
  return text(answer)
}

test('two processes share the port, and each of them tells the numbers of both', async () => {
  await using endpoints = await runningEndpoints(2)
  const path = '/v1.0/no/such/path'
  // A process that got none of so many connections would not be listening.
  for (let i = 0; i < 60; i++) await askAnew(endpoints.url + path)
  for (let i = 0; i < 10; i++) {
    const numbers = await endpoints.numbers()
    const refused = (process: string) =>
      sumOf(numbers, 'keystead_requests_total', { code: 'KMS.0201', process })
    expect(refused('1') + refused('2')).toBe(60)
    expect(Math.min(refused('1'), refused('2'))).toBeGreaterThan(0)
  }
  const signed = await endpoints.call('gen-random', { random_data_length: '256' })
  expect(signed.status).toBe(200)

  const processes = await childProcessesNamed(process.pid, 'scripts/endpoint.ts')
  expect(processes).toHaveLength(2)
  for (const { pid } of processes) {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    expect(environment).toContain(`UV_THREADPOOL_SIZE=${availableParallelism()}`)
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('--disable-sigusr1')
  }
  expect(await endpoints.stop()).toBe(0)
})

test('when one of them falls, all have fallen', async () => {
  await using endpoints = await runningEndpoints(2)
  const [one] = await childProcessesNamed(process.pid, 'scripts/endpoint.ts')
  process.kill(one?.pid ?? 0, 'SIGKILL')
  await expect(endpoints.fallen).rejects.toThrow('The endpoint ended unexpectedly (SIGKILL)')
  await endpoints.stop()
  expect(await childProcessesNamed(process.pid, 'scripts/endpoint.ts')).toEqual([])
})

test('a process that cannot start leaves none running', async () => {
  await using first = await runningEndpoints(1)
  // The port is taken by a process that does not share it.
  await expect(runningEndpoints(2, { KMS_API_PORT: String(first.port) })).rejects.toThrow(
    'The endpoint ended unexpectedly (exit code 1)',
  )
  expect(await childProcessesNamed(process.pid, 'scripts/endpoint.ts')).toHaveLength(1)
})

test('KMS_RATE_LIMITS=huawei: who calls too often is told when to try again', async () => {
  await using endpoints = await runningEndpoints(1, { KMS_RATE_LIMITS: 'huawei' })
  const answers = await Promise.all(Array.from({ length: 60 }, () => endpoints.call('list-keys', {})))
  const refused = answers.filter(({ status }) => status === 429)
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(20)
  expect(refused.length).toBeGreaterThan(0)
  for (const { headers, body } of refused)
    expect([headers.get('retry-after'), JSON.parse(body).error_code]).toEqual(['1', 'APIGW.0308'])
  const numbers = await endpoints.numbers()
  expect(sumOf(numbers, 'keystead_requests_total', { operation: 'ListKeys', code: 'APIGW.0308' })).toBe(
    refused.length,
  )
})
