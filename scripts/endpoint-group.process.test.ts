import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { readExposition, sumOf } from '#lib/api/testing/exposition.ts'
import type { Sent } from '#lib/api/testing/signed-request.ts'
import { childProcessesNamed } from './testing/child-processes.ts'
import { runningEndpoints } from './testing/running-endpoints.ts'

/** Asks over the only connection of an agent. */
async function ask(url: string, connection: Agent): Promise<{ body: string; anew: boolean }> {
  const { promise, resolve, reject } = Promise.withResolvers<NodeJS.ReadableStream>()
  const asked = request(url, { agent: connection }, resolve).on('error', reject).end()
  return { body: await text(await promise), anew: !asked.reusedSocket }
}

/** A process that got none of so many connections would not be listening. */
const connectionsMax = 100

test('two processes share the port, and each of them tells the numbers of both', async () => {
  await using endpoints = await runningEndpoints(2)
  const toldOfBoth = new Set<string>()
  const refused = { '1': 0, '2': 0 }
  for (let asked = 1; toldOfBoth.size < 2; asked++) {
    expect(asked, `${[...toldOfBoth]} of the processes told of both`).toBeLessThanOrEqual(connectionsMax)
    // The kernel gives a connection to any of the processes, which then has all that is asked over it.
    const connection = new Agent({ keepAlive: true, maxSockets: 1 })
    await ask(`${endpoints.url}/v1.0/no/such/path`, connection)
    const told = await ask(`${endpoints.url}/metrics`, connection)
    connection.destroy()
    expect(told.anew).toBe(false)
    const numbers = readExposition(told.body)
    const before = { ...refused }
    for (const one of ['1', '2'] as const)
      refused[one] = sumOf(numbers, 'keystead_requests_total', { code: 'KMS.0201', process: one })
    expect(refused['1'] + refused['2']).toBe(asked)
    const teller = refused['1'] > before['1'] ? '1' : '2'
    if (refused['1'] > 0 && refused['2'] > 0) toldOfBoth.add(teller)
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

test('a started endpoint tells every number there is, of the lease, cache, pool and threads that it uses', async () => {
  await using endpoints = await runningEndpoints(1)
  const key_id = await endpoints.makeKey('AES_256')
  const number = async (name: string) => sumOf(await endpoints.numbers(), name)
  const encryptAgain = async () => {
    expect((await endpoints.call('encrypt-data', { key_id, plain_text: 'x' })).status).toBe(200)
    return number('keystead_cache_hits_total')
  }
  await expect.poll(() => number('keystead_lease_held')).toBe(1)
  const hits = await encryptAgain()
  await expect.poll(encryptAgain).toBeGreaterThan(hits)

  const numbers = await endpoints.numbers()
  const documented = new Set(readFileSync('docs/metrics.md', 'utf8').match(/(?<=`)keystead_\w+(?=`)/g))
  const told = [...numbers.keys()].filter((name) => name.startsWith('keystead_'))
  expect(new Set(told)).toEqual(documented)
  expect(sumOf(numbers, 'keystead_database_connections')).toBeGreaterThan(0)
  expect(sumOf(numbers, 'keystead_database_connections_max')).toBe(5)
  expect(sumOf(numbers, 'keystead_workers')).toBe(availableParallelism())
  expect(sumOf(numbers, 'keystead_asymmetric_running')).toBe(0)
  expect(sumOf(numbers, 'keystead_requests_shed_total')).toBe(0)
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
  const answers: Sent[] = []
  const refusedOf = (): Sent[] => answers.filter(({ status }) => status === 429)
  // What a slow machine answers within a second may all be let in.
  for (let waves = 0; waves < 20 && refusedOf().length === 0; waves++)
    answers.push(...(await Promise.all(Array.from({ length: 60 }, () => endpoints.call('list-keys', {})))))
  const refused = refusedOf()
  expect(answers.map(({ status }) => status)).toContain(200)
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(20)
  expect(refused.length).toBeGreaterThan(0)
  for (const { headers, body } of refused)
    expect([headers.get('retry-after'), JSON.parse(body).error_code]).toEqual(['1', 'APIGW.0308'])
  const numbers = await endpoints.numbers()
  expect(sumOf(numbers, 'keystead_requests_total', { operation: 'ListKeys', code: 'APIGW.0308' })).toBe(
    refused.length,
  )
})
