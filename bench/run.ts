// npm run bench: measured claims, one line each: the ratio of two things measured in the same run, or a time, a size or a
// count where there is nothing to compare with.
// npm run bench -- encrypt sign: only these. With --profile it tells where the endpoint's time went.

import { openOfflineWorld } from '../scripts/testing/offline-world.ts'
import { startProduct, temporaryDataFolder } from '../scripts/testing/start-product.ts'
import { dataEvents, encrypting, loadClient, signing } from './against-bare.ts'
import type { BareKey } from './bare-server.ts'
import { newPage, openBrowser, signIn } from './browser.ts'
import { type Caller, encryptRequests, signRequests } from './calls.ts'
import { consoleClient } from './console-client.ts'
import { disableOne, disableThousand, disableWithEndpoint } from './disable.ts'
import { EndpointCalls } from './endpoint-calls.ts'
import { holdingEverywhere } from './hold-everywhere.ts'
import { insertKeys } from './insert-keys.ts'
import { insertUsableKeys } from './insert-usable-keys.ts'
import { keyCreation } from './key-creation.ts'
import { keyList } from './key-list.ts'
import { latencies } from './latencies.ts'
import { startLoadClient } from './load.ts'
import type { Line } from './measure.ts'
import { overload } from './overload.ts'
import { profiled } from './profile.ts'
import { scriptBytes } from './script-bytes.ts'
import { programOf, type ServedByOne } from './served.ts'
import { startEndpoint } from './start-endpoint.ts'
import { throughputs } from './throughput.ts'

const administrator = { email: 'bench@example.com', password: 'bench-only-not-a-secret', since: new Date() }

/** In the order in which they are measured; each group makes a world of its own. */
const groups = {
  verbs: ['disable-thousand', 'disable-one', 'disable-with-endpoint'],
  endpoint: ['client', 'encrypt', 'data-events', 'sign', 'latency', 'throughput', 'overload'],
  instances: ['hold-everywhere'],
  console: ['scripts', 'key-list', 'key-creation'],
} as const

type Name = (typeof groups)[keyof typeof groups][number]

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const profiling = process.argv.includes('--profile')
const missed: string[] = []

function print(lines: readonly Line[]): void {
  for (const { claim, value, goal, figures } of lines) {
    if (goal?.reached === false) missed.push(claim)
    const verdict = goal ? (goal.reached ? 'reached' : 'NOT REACHED') : 'measured'
    const promise = goal ? `goal ${goal.words}` : 'no goal'
    console.log(`${verdict.padEnd(11)}  ${value.padStart(8)}  ${promise.padEnd(13)}  ${claim}`)
    console.log(`${' '.repeat(38)}${figures}\n`)
  }
}

const isAsked = (name: Name): boolean => asked.length === 0 || asked.includes(name)

async function line(name: Name, measure: () => Promise<Line[]>): Promise<void> {
  if (isAsked(name)) print(await measure())
}

/** Opens the database itself, as a console does, with no other process beside it unless a line starts one. */
async function measureVerbs(settings: Record<string, string>): Promise<void> {
  await using world = await openOfflineWorld(settings, administrator)
  await line('disable-thousand', () => disableThousand(world))
  await line('disable-one', () => disableOne(world))
  await line('disable-with-endpoint', () => disableWithEndpoint(world, settings))
}

/** An endpoint on one core, the client on the other. */
async function measureEndpoint(settings: Record<string, string>): Promise<void> {
  await using world = await openOfflineWorld(settings, administrator)
  const caller = await programOf(world)
  await using client = startLoadClient()
  const { connectionString } = world
  await line('client', () => loadClient({ client, caller }))
  const measure = async (nodeOptions: readonly string[]): Promise<void> => {
    await using endpoint = await startEndpoint({ connectionString, settings, nodeOptions })
    const served: ServedByOne = { world, settings, caller, client, port: endpoint.port }
    await line('encrypt', () => encrypting(served))
    await line('data-events', () => dataEvents(served))
    await line('sign', () => signing(served))
    await line('latency', () => latencies(served))
    await line('throughput', () => throughputs(served))
    await line('overload', () => overload(served))
  }
  await (profiling ? profiled(measure) : measure([]))
}

async function measureInstances(settings: Record<string, string>): Promise<void> {
  await using world = await openOfflineWorld(settings, administrator)
  const caller = await programOf(world)
  await line('hold-everywhere', () => holdingEverywhere({ world, settings, caller }))
}

type FilledProjects = {
  many: string
  few: string
  caller: Caller
  symmetric: BareKey[]
  asymmetric: BareKey[]
}

async function fillProjects(settings: Record<string, string>): Promise<FilledProjects> {
  await using world = await openOfflineWorld(settings, administrator)
  const [many, few] = world.projectIds as [string, string]
  await insertKeys(world, { projectId: many, count: 100_000, prefix: 'many' })
  await insertKeys(world, { projectId: few, count: 100, prefix: 'few' })
  const caller = await programOf(world)
  const usable = { projectId: caller.projectId, prefix: 'mix' }
  return {
    many,
    few,
    caller,
    symmetric: await insertUsableKeys(world, { ...usable, count: 10, spec: 'AES_256' }),
    asymmetric: await insertUsableKeys(world, { ...usable, count: 3, spec: 'RSA_2048' }),
  }
}

async function measureConsole(settings: Record<string, string>): Promise<void> {
  const { many, few, caller, symmetric, asymmetric } = await fillProjects(settings)
  await using product = await startProduct(settings)
  await product.untilPrinted('Keystead is running.')
  await using browser = await openBrowser()
  const session = await signIn(browser, product.consoleUrl, administrator)
  const cookie = session.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const client = consoleClient(product.consoleUrl, cookie)
  await line('scripts', async () => scriptBytes(await newPage(browser, product.consoleUrl, session), few))
  await line('key-list', () => keyList(client, { many, few }))
  await line('key-creation', async () => {
    using endpoint = new EndpointCalls(Number(new URL(product.endpointUrl).port))
    const calls = {
      endpoint,
      encrypt: encryptRequests(caller, symmetric),
      sign: signRequests(caller, asymmetric, 'DIGEST'),
    }
    const page = await newPage(browser, product.consoleUrl, session)
    return keyCreation(client, calls, page, { read: many, create: few })
  })
}

const measures = {
  verbs: measureVerbs,
  endpoint: measureEndpoint,
  instances: measureInstances,
  console: measureConsole,
} satisfies Record<keyof typeof groups, (settings: Record<string, string>) => Promise<void>>

const names: readonly Name[] = Object.values(groups).flat()
const unknown = asked.filter((name) => !(names as readonly string[]).includes(name))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}: the lines are ${names.join(', ')}.`)
  process.exit(1)
}
const begun = performance.now()
for (const group of Object.keys(groups) as (keyof typeof groups)[]) {
  if (!groups[group].some(isAsked)) continue
  await using data = await temporaryDataFolder()
  await measures[group]({ KMS_DATA_DIR: data.path, KMS_KEY_QUOTA: '1000000' })
}
console.log(
  `${missed.length === 0 ? 'All goals were reached' : `${missed.length} not reached`} (${Math.round((performance.now() - begun) / 1000)} s)`,
)
