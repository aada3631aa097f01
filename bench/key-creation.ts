import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import type { ConsoleClient } from './console-client.ts'
import type { EndpointCalls } from './endpoint-calls.ts'
import { atMost, inPairs, type Line, milliseconds, percentile } from './measure.ts'
import { openLoop } from './open-loop.ts'

const KEYS = 10
const PER_SECOND = 50
/** Below it the 99th percentile would be the slowest of a handful. */
const AT_LEAST = 500

type Submission = { path: string; headers: Record<string, string>; body: string; name: string; once: string }

/** Presses OK in the create form and keeps what the page sent, to send it again with other names. */
async function recordSubmission(page: Page, projectId: string): Promise<Submission> {
  await page.goto(`/keys/create?project=${projectId}`)
  const name = `bench-${randomUUID()}`
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Key Algorithm').selectOption('RSA_4096')
  const [posted] = await Promise.all([
    page.waitForRequest(
      (request) => request.method() === 'POST' && (request.postData() ?? '').includes(name),
    ),
    page.getByRole('button', { name: 'OK' }).click(),
  ])
  await page.getByRole('tab', { name: 'Custom Keys' }).waitFor({ timeout: 60_000 })
  const body = posted.postData() ?? ''
  const once = /"idempotencyKey":"([^"]+)"/.exec(body)?.[1]
  if (!once) throw new Error('the create form posts something else than was expected')
  const { cookie: _, 'content-length': _length, ...headers } = await posted.allHeaders()
  const url = new URL(posted.url())
  const plain = Object.entries(headers).filter(([header]) => !header.startsWith(':'))
  return { path: `${url.pathname}${url.search}`, headers: Object.fromEntries(plain), body, name, once }
}

async function createKey(
  client: ConsoleClient,
  { path, headers, body, name, once }: Submission,
): Promise<void> {
  const fresh = body.replace(name, `bench-${randomUUID()}`).replace(once, randomUUID())
  const answer = await client.post(path, { ...headers, 'accept-encoding': 'identity' }, fresh)
  if (!answer.includes('"ok":true')) throw new Error(`no key was created: ${answer.slice(0, 500)}`)
}

/**
 * Ten people, a tenth of a second apart: the first key takes longer than they take to come, so that all ten are being
 * made or wait their turn; what is measured is that, and not ten forms that arrive in the same millisecond.
 */
async function createAll(client: ConsoleClient, submission: Submission): Promise<void> {
  const keys = Array.from({ length: KEYS }, async (_, at) => {
    await pause(at * 100)
    await createKey(client, submission)
  })
  await Promise.all(keys)
}

/** Requests of programs, signed. */
export type Calls = { endpoint: EndpointCalls; encrypt: readonly Uint8Array[]; sign: readonly Uint8Array[] }

/**
 * What people who read the list and programs that encrypt and sign feel while ten RSA_4096 keys are being made in the
 * same console.
 */
export async function keyCreation(
  client: ConsoleClient,
  calls: Calls,
  page: Page,
  { read, create }: { read: string; create: string },
): Promise<Line[]> {
  const submission = await recordSubmission(page, create)
  const list = `/keys?project=${read}`
  const kinds = [
    { name: 'GET /keys', ask: () => client.get(list) },
    { name: 'encrypt', ask: (at: number) => calls.endpoint.call(inTurn(calls.encrypt, at)) },
    { name: 'sign', ask: (at: number) => calls.endpoint.call(inTurn(calls.sign, at)) },
  ]
  const taken = { creating: kinds.map((): number[] => []), idle: kinds.map((): number[] => []) }
  let failed = 0
  const mix = async (when: keyof typeof taken, until: Promise<unknown>): Promise<number> => {
    const answered = await openLoop((at) => inTurn(kinds, at).ask(Math.floor(at / kinds.length)), {
      perSecond: PER_SECOND,
      atLeast: AT_LEAST,
      until,
    })
    failed += answered.failed
    answered.taken.forEach((milliseconds, at) => {
      taken[when][at % kinds.length]?.push(milliseconds)
    })
    return percentile(answered.taken, 0.99)
  }
  // The first calls compile and load, on both sides.
  await mix('idle', Promise.resolve())
  taken.idle.forEach((values) => {
    values.length = 0
  })
  const { ratio, ours, reference } = await inPairs(
    () => mix('creating', createAll(client, submission)),
    () => mix('idle', Promise.resolve()),
    { warmUp: false },
  )
  const { value, goal } = atMost(3, ratio)
  const each = kinds.map(({ name }, kind) => {
    const p99 = (of: readonly number[][]): string => milliseconds(percentile(of[kind] ?? [], 0.99))
    return `${name} ${p99(taken.creating)} against ${p99(taken.idle)}`
  })
  return [
    {
      claim: `p99 of encrypt, RSA sign and GET /keys at ${PER_SECOND}/s, open loop, while ten RSA_4096 keys are being created, against idle`,
      value,
      goal: { ...goal, reached: goal.reached && failed === 0 },
      figures: `${milliseconds(ours)} against ${milliseconds(reference)}; ${each.join(', ')}; ${failed} requests failed`,
    },
  ]
}

function inTurn<T>(all: readonly T[], at: number): T {
  return all[at % all.length] as T
}
