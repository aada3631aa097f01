/** What an endpoint of the history test is told. */
export type ToEndpoint =
  /** To stand still for so long in the next call that is served from the cache; 0: not to. */
  { kind: 'pause'; milliseconds: number }

/** What it tells. */
export type FromEndpoint =
  | { kind: 'listening' }
  /** It stops here, between its look at what it has cached and the crypto, in this call; null: it will not. */
  | { kind: 'paused'; call: number | null }
  | { kind: 'resumed' }

/** Rules of the protocol that can be taken out of an endpoint, to see that the test notices. */
export const endpointSabotages = [
  'no eviction',
  'loads not poisoned',
  'renewal without reading the table',
  'no second check',
] as const

/** Rules that can be taken out of whoever changes something. */
export const changerSabotages = ['instances listed before the commit', 'fenced instances overlooked'] as const

export type EndpointSabotage = (typeof endpointSabotages)[number]
export type ChangerSabotage = (typeof changerSabotages)[number]
export type Sabotage = EndpointSabotage | ChangerSabotage

export const isEndpointSabotage = (name: string): name is EndpointSabotage =>
  endpointSabotages.some((known) => known === name)

/** The header that says when an answer from the cache was about to be checked for the second time. */
export const secondCheckHeader = 'x-second-check'
