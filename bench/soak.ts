// npm run soak: ten minutes of everything at once on one endpoint process, whose memory must not grow.
// npm run soak -- 3: as many minutes.
import { setDataEvents } from '#lib/kms/usage/set-data-events.ts'
import { openOfflineWorld } from '../scripts/testing/offline-world.ts'
import { temporaryDataFolder } from '../scripts/testing/start-product.ts'
import type { BareKey } from './bare-server.ts'
import { encryptRequests } from './calls.ts'
import { insertUsableKeys } from './insert-usable-keys.ts'
import { type LoadResult, startLoadClient } from './load.ts'
import { programOf } from './served.ts'
import type { Standing } from './soak-endpoint.ts'
import { comeAndGo, manageKeys } from './soak-management.ts'
import { mixedRequests } from './soak-mix.ts'
import { startEndpoint } from './start-endpoint.ts'

/** The heap is looked at after the second stretch and after the last. */
const STRETCHES = 10
const EARLY = 2
const PER_SECOND = 300
const GROWTH_GOAL = 1.1

const minutes = Number(process.argv[2] ?? 10)
if (!(minutes > 0)) throw new Error('how many minutes?')

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`

/** Answers that a mix of good and bad requests may get; a fault of the server is not among them, "try again" (503) is. */
function told({ answers }: LoadResult): { words: string; faults: number } {
  const sorted = answers.toSorted((a, b) => a.status - b.status)
  const faults = sorted.filter(({ status }) => status === 0 || (status >= 500 && status !== 503))
  return {
    words: sorted.map(({ status, count }) => `${count} × ${status}`).join(', '),
    faults: faults.reduce((sum, { count }) => sum + count, 0),
  }
}

/** A part of the keys that comes round once all have had their turn. */
function window(keys: readonly BareKey[], at: number, size: number): BareKey[] {
  return Array.from({ length: size }, (_, index) => keys[(at * size + index) % keys.length] as BareKey)
}

async function soak(): Promise<boolean> {
  await using data = await temporaryDataFolder()
  const settings = { KMS_DATA_DIR: data.path, KMS_KEY_QUOTA: '1000000' }
  const administrator = { email: 'soak@example.com', password: 'soak-only-not-a-secret', since: new Date() }
  await using world = await openOfflineWorld(settings, administrator)
  const { connectionString } = world
  const caller = await programOf(world)
  const insert = (count: number, spec: 'AES_256' | 'RSA_2048'): Promise<BareKey[]> =>
    insertUsableKeys(world, { projectId: caller.projectId, count, prefix: 'soak', spec })
  const often = await insert(500, 'AES_256')
  const seldom = await insert(10_000, 'AES_256')
  const signing = await insert(3, 'RSA_2048')
  await setDataEvents(world.ctx, { enabled: true })
  const nodeOptions = ['--expose-gc']
  const file = 'bench/soak-endpoint.ts'
  await using endpoint = await startEndpoint({ connectionString, settings, side: null, nodeOptions, file })
  await using client = startLoadClient(null)
  const { port, forked } = endpoint
  const grantee = world.ctx.actor.id.replaceAll('-', '')
  const heaps: number[] = []
  let faults = 0
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    // Signed anew: a signature is good for a quarter of an hour.
    const requests = mixedRequests(caller, { often, once: window(seldom, stretch, 1_000), signing })
    const [whole = Buffer.alloc(0)] = encryptRequests(caller, often.slice(0, 1))
    const others = [manageKeys(port, caller, grantee), comeAndGo(port, whole)] as const
    const seconds = (minutes * 60) / STRETCHES
    const order = { ports: [port], requests, connections: 64, seconds, perSecond: PER_SECOND, patient: true }
    const result = await client.run(order)
    await Promise.all(others.map((other) => other.stop()))
    const answered = told(result)
    faults += answered.faults
    const standing = await forked.ask<Standing>({})
    heaps.push(standing.heapUsed)
    console.log(
      [
        `${((minutes / STRETCHES) * (stretch + 1)).toFixed(1)} min`,
        `heap ${megabytes(standing.heapUsed)}`,
        `buffers ${megabytes(standing.external)}`,
        `rss ${megabytes(standing.rss)}`,
        `${standing.cached} cached`,
        `event loop p99 ${standing.eventLoopDelay.toFixed(1)} ms`,
        answered.words,
        `${others[0].rounds} keys lived, ${others[1].rounds} connections came and went`,
      ].join('; '),
    )
  }
  const [early = NaN, late = NaN] = [heaps[EARLY - 1], heaps.at(-1)]
  const growth = late / early
  const reached = growth <= GROWTH_GOAL && faults === 0
  console.log(
    `${reached ? 'reached' : 'NOT REACHED'}  ${growth.toFixed(2)}×  goal ≤ ${GROWTH_GOAL}×  Heap after forced collection at the end, against a fifth of the way: ${megabytes(late)} against ${megabytes(early)}; ${faults} requests failed`,
  )
  return reached
}

process.exitCode = (await soak()) ? 0 : 1
