import type { PoolStatistics } from '#lib/db/client.ts'
import type { MetricReading } from './metrics.ts'

/** Whoever keeps numbers of their own, as far as there is one in this process. */
export type Keepers = {
  pool?: () => PoolStatistics
  cache?: {
    readonly statistics: { entries: number; hits: number; misses: number; evictions: number; loads: number }
  }
  instance?: {
    readonly lease: { readonly holds: boolean }
    readonly statistics: {
      renewals: number
      failedRenewals: number
      registrations: number
      acknowledged: number
    }
  }
  /** Signatures and other asymmetric work, in threads of ours and of libuv. */
  asymmetric?: () => { threads: number; running: number; waiting: number; refused: number }
  /** The process that makes key pairs. */
  generation?: () => { running: number; waiting: number }
  uses?: { readonly statistics: { eventsWaiting: number; eventsLost: number } }
  /** Turns requests away when there is too much to do. */
  admission?: { readonly statistics: { shed: number } }
}

const list = <T>(keeper: T | undefined, readings: (keeper: T) => MetricReading[]): MetricReading[] =>
  keeper === undefined ? [] : readings(keeper)

/** What to expose of each keeper there is. */
export function readingsOf(keepers: Keepers): MetricReading[] {
  return [
    ...list(keepers.pool, (pool): MetricReading[] => [
      {
        name: 'keystead_database_connections',
        help: 'Connections of the pool that requests use.',
        read: () => pool().size,
      },
      {
        name: 'keystead_database_connections_max',
        help: 'The most connections that pool may hold.',
        read: () => pool().max,
      },
      {
        name: 'keystead_database_connections_idle',
        help: 'Connections of that pool that nobody uses.',
        read: () => pool().idle,
      },
      {
        name: 'keystead_database_waiting',
        help: 'Transactions that wait for a connection of that pool.',
        read: () => pool().waiting,
      },
    ]),
    ...list(keepers.cache, (cache): MetricReading[] => [
      {
        name: 'keystead_cache_entries',
        help: 'Entries of the cache.',
        read: () => cache.statistics.entries,
      },
      {
        name: 'keystead_cache_hits_total',
        help: 'Reads that the cache answered.',
        read: () => cache.statistics.hits,
      },
      {
        name: 'keystead_cache_misses_total',
        help: 'Reads that the cache did not answer.',
        read: () => cache.statistics.misses,
      },
      {
        name: 'keystead_cache_evictions_total',
        help: 'Entries dropped since something they depend on changed, or for want of room.',
        read: () => cache.statistics.evictions,
      },
      {
        name: 'keystead_cache_loads_total',
        help: 'Loads from the database into the cache.',
        read: () => cache.statistics.loads,
      },
    ]),
    ...list(keepers.instance, (instance): MetricReading[] => [
      {
        name: 'keystead_lease_held',
        help: '1 while this process may answer from its cache, else 0.',
        read: () => (instance.lease.holds ? 1 : 0),
      },
      {
        name: 'keystead_lease_renewals_total',
        help: 'Renewals of the lease; one each second is right.',
        read: () => instance.statistics.renewals,
      },
      {
        name: 'keystead_lease_failed_renewals_total',
        help: 'Renewals that failed; the next one is tried all the same.',
        read: () => instance.statistics.failedRenewals,
      },
      {
        name: 'keystead_lease_registrations_total',
        help: 'Times this process registered: more than once means that it lost its lease and emptied its cache.',
        read: () => instance.statistics.registrations,
      },
      {
        name: 'keystead_invalidations_acknowledged_total',
        help: 'Changes that this process has acknowledged after dropping what they concern.',
        read: () => instance.statistics.acknowledged,
      },
    ]),
    ...list(keepers.asymmetric, (asymmetric): MetricReading[] => [
      {
        name: 'keystead_workers',
        help: 'Worker threads for asymmetric work on digests; messages are signed in the pool of libuv.',
        read: () => asymmetric().threads,
      },
      {
        name: 'keystead_asymmetric_running',
        help: 'Pieces of asymmetric work that are with a thread, of either kind.',
        read: () => asymmetric().running,
      },
      {
        name: 'keystead_asymmetric_waiting',
        help: 'Pieces of asymmetric work that wait for a thread.',
        read: () => asymmetric().waiting,
      },
      {
        name: 'keystead_asymmetric_refused_total',
        help: 'Pieces of asymmetric work refused as busy since too much of it was under way.',
        read: () => asymmetric().refused,
      },
    ]),
    ...list(keepers.generation, (generation): MetricReading[] => [
      {
        name: 'keystead_key_generation_running',
        help: 'Key pairs that are being made.',
        read: () => generation().running,
      },
      {
        name: 'keystead_key_generation_waiting',
        help: 'Key pairs that wait for their turn to be made.',
        read: () => generation().waiting,
      },
    ]),
    ...list(keepers.uses, (uses): MetricReading[] => [
      {
        name: 'keystead_data_events_waiting',
        help: 'Uses of keys that are not in the audit chain yet; a crash loses them.',
        read: () => uses.statistics.eventsWaiting,
      },
      {
        name: 'keystead_data_events_lost_total',
        help: 'Uses of keys that were let go of unrecorded, while the database was away for too long.',
        read: () => uses.statistics.eventsLost,
      },
    ]),
    ...list(keepers.admission, (admission): MetricReading[] => [
      {
        name: 'keystead_requests_shed_total',
        help: 'Requests refused at once since there was too much to do.',
        read: () => admission.statistics.shed,
      },
    ]),
  ]
}
