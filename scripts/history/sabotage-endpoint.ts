import { Client } from 'pg'
import { Instance } from '#lib/kms/cache/instance.ts'
import { LoadToken } from '#lib/kms/cache/load-token.ts'
import { Reading } from '#lib/kms/cache/reading.ts'
import { SubjectCache } from '#lib/kms/cache/subject-cache.ts'
import { type EndpointSabotage, isEndpointSabotage } from './endpoint-messages.ts'

/** Takes one rule of the protocol out of this process; does nothing for a name that is none. */
export function sabotageEndpoint(name: string): void {
  if (isEndpointSabotage(name)) sabotages[name]()
}

const sabotages: Record<EndpointSabotage, () => void> = {
  'no eviction': () => {
    SubjectCache.prototype.evict = () => undefined
  },
  'loads not poisoned': () => {
    LoadToken.prototype.poison = () => undefined
  },
  'renewal without reading the table': () => {
    // A notification only leads to a renewal, so it is as good as lost. That alone breaks nothing: an instance that
    // acknowledges nothing is fenced, finds that in its own row, and drops all it has before the change returns; one that
    // goes on so keeps the change from returning at all. Only one that does not look at its own row either goes on with
    // what it has cached.
    Object.assign(Instance.prototype, { readOpenInvalidations: async () => [] })
    renewBlindly()
  },
  'no second check': () => {
    Reading.prototype.stillHolds = () => true
  },
}

type Query = (this: Client, ...given: unknown[]) => unknown

function renewBlindly(): void {
  const query = Client.prototype.query as Query
  const blind: Query = function (...given) {
    const [text] = given
    if (typeof text !== 'string' || !text.startsWith('BEGIN; UPDATE instance SET renewed_at'))
      return query.call(this, ...given)
    return query.call(this, text.replace(/UPDATE .* RETURNING/s, 'SELECT'))
  }
  Client.prototype.query = blind as never
}
