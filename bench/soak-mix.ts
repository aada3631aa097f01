import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import type { BareKey } from './bare-server.ts'
import { type Caller, decryptRequests, encryptRequests, signedRequest, signRequests } from './calls.ts'

/** Keys that the calls of one stretch of time are about. */
export type MixedKeys = { often: readonly BareKey[]; once: readonly BareKey[]; signing: readonly BareKey[] }

/** A signature over something else. */
function misSigned(request: Buffer): Buffer {
  const text = request.toString('latin1')
  return Buffer.from(
    text.replace(/Signature=[0-9a-f]{64}/, `Signature=${randomBytes(32).toString('hex')}`),
    'latin1',
  )
}

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

/**
 * What programs send: encryption and decryption with a few keys that are used often and many that are not, signatures,
 * and a fifth that is refused, for names that nobody has heard before: unknown keys, unknown callers, wrong signatures,
 * bodies that are none. In random order.
 */
export function mixedRequests(caller: Caller, { often, once, signing }: MixedKeys): Buffer[] {
  const stranger = (): Caller => ({ ...caller, id: randomBytes(10).toString('hex').toUpperCase() })
  const [first] = often as [BareKey]
  const requests = [
    ...encryptRequests(caller, once),
    ...encryptRequests(caller, [...often, ...often]),
    ...decryptRequests(caller, often),
    ...times(20, () => signRequests(caller, signing, 'DIGEST')).flat(),
    ...times(150, () => signedRequest(caller, 'describe-key', { key_id: randomUUID() })),
    ...times(150, () => signedRequest(caller, 'encrypt-data', { key_id: randomUUID(), plain_text: 'x' })),
    ...times(150, () =>
      misSigned(signedRequest(caller, 'encrypt-data', { key_id: first.id, plain_text: 'x' })),
    ),
    ...times(150, () => signedRequest(stranger(), 'encrypt-data', { key_id: first.id, plain_text: 'x' })),
    ...times(100, () => signedRequest(caller, 'encrypt-data', { key_id: first.id })),
    ...times(100, () => signedRequest(caller, `nothing-${randomUUID()}`, {})),
  ]
  for (let at = requests.length - 1; at > 0; at--) {
    const other = randomInt(at + 1)
    const moved = requests[at] as Buffer
    requests[at] = requests[other] as Buffer
    requests[other] = moved
  }
  return requests
}
