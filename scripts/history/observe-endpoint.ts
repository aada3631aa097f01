import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'
import { Observer } from '#lib/api/observer.ts'
import { Reading } from '#lib/kms/cache/reading.ts'
import { LoadedMaterial } from '#lib/kms/crypto/loaded-material.ts'
import { type FromEndpoint, secondCheckHeader, type ToEndpoint } from './endpoint-messages.ts'

/** What is seen of one request. */
type Seen = {
  call: number
  /** Kinds of what was found in the cache. */
  found: Set<string>
  /** Nanoseconds before the last second check that held. */
  checkedAt: bigint | null
  /** What went wrong and was not told to the caller. */
  failure: unknown
}

const current = new AsyncLocalStorage<Seen>()
let pauseMilliseconds = 0

const tell = (message: FromEndpoint): void => {
  process.send?.(message)
}

/**
 * Watches the second check of each request that is served from the cache and says in a header of the answer when it was
 * made; writes what is behind an unexpected answer to standard error; and stands still between the first look and the
 * crypto when told to. Nothing of what the endpoint does changes.
 */
export function observeEndpoint(): void {
  process.on('message', (message: ToEndpoint) => {
    if (message.milliseconds === 0 && pauseMilliseconds > 0) tell({ kind: 'paused', call: null })
    pauseMilliseconds = message.milliseconds
  })
  channel('fastify.initialization').subscribe((message) =>
    watch((message as { fastify: FastifyInstance }).fastify),
  )
  watchReadings()
  watchCrypto()
  watchFailures()
}

function watch(endpoint: FastifyInstance): void {
  const seenOf = new WeakMap<object, Seen>()
  endpoint.addHook('preHandler', (request, _reply, done) => {
    const seen: Seen = {
      call: Number(request.headers['x-history-call'] ?? 0),
      found: new Set(),
      checkedAt: null,
      failure: null,
    }
    seenOf.set(request, seen)
    current.run(seen, done)
  })
  endpoint.addHook('onSend', async (request, reply) => {
    const seen = seenOf.get(request)
    // Partly from the cache: then the database has decided, under lock, and the check came after.
    if (seen?.checkedAt && isFromCache(seen)) reply.header(secondCheckHeader, String(seen.checkedAt))
    if (reply.statusCode === 500) console.error(`call ${seen?.call} was answered with 500:`, seen?.failure)
  })
}

const isFromCache = ({ found }: Seen): boolean => found.has('key') && found.has('material')

function watchReadings(): void {
  const { find, stillHolds } = Reading.prototype
  Reading.prototype.find = function (name) {
    const value = find.call(this, name)
    if (value !== undefined) current.getStore()?.found.add(name.split(' ', 1)[0] ?? '')
    return value as never
  }
  Reading.prototype.stillHolds = function () {
    const at = process.hrtime.bigint()
    const holds = stillHolds.call(this)
    const seen = current.getStore()
    if (seen) {
      seen.checkedAt = holds ? at : null
      if (!holds) seen.found.clear()
    }
    return holds
  }
}

function watchCrypto(): void {
  const { seal, open } = LoadedMaterial.prototype
  LoadedMaterial.prototype.seal = function (...given) {
    pauseIfTold()
    return seal.apply(this, given)
  }
  LoadedMaterial.prototype.open = function (...given) {
    pauseIfTold()
    return open.apply(this, given)
  }
}

function watchFailures(): void {
  const { begun } = Observer.prototype
  Observer.prototype.begun = function (...given) {
    const call = begun.apply(this, given)
    const failed = (error: unknown): void => {
      const seen = current.getStore()
      if (seen) seen.failure = error
      call.failed(error)
    }
    return { ...call, failed }
  }
}

function pauseIfTold(): void {
  const seen = current.getStore()
  if (pauseMilliseconds === 0 || !seen || !isFromCache(seen)) return
  const milliseconds = pauseMilliseconds
  pauseMilliseconds = 0
  tell({ kind: 'paused', call: seen.call })
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
  tell({ kind: 'resumed' })
}
