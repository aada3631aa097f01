import { expect, test, vi } from 'vitest'
import { subjectOf } from '../invalidations/subject.ts'
import type { EntryName } from './entry.ts'
import { Lease } from './lease.ts'
import { ReadAgain } from './read-again.ts'
import { type Loaded, readThrough } from './read-through.ts'
import { SubjectCache } from './subject-cache.ts'

const name: EntryName<string> = 'project account 1'
const project = subjectOf('project', 'account', '1')
const user = subjectOf('user', 'account', '7')

function world() {
  const now = { monotonic: 0, wall: 0 }
  const lease = new Lease({ monotonic: () => now.monotonic, wall: () => now.wall })
  lease.renew(lease.moment(), new Date(0))
  const cache = new SubjectCache(lease)
  const begin = vi.spyOn(cache, 'begin')
  return {
    now,
    lease,
    cache,
    /** Whether the last load could still keep something. */
    loadIsUnderWay: () => cache.keep(begin.mock.results.at(-1)?.value, 'other', true, [project]),
    /** One operation that reads it, and whether it was loaded for that. */
    read: async (load: () => Promise<Loaded<string> | null>) => {
      using reading = cache.read()
      if (!reading) throw new Error('there is no lease')
      const loading = vi.fn(load)
      const value = await readThrough({ cache, reading }, name, loading)
      return { value, loaded: loading.mock.calls.length > 0 }
    },
  }
}

const found = async (): Promise<Loaded<string>> => ({ value: 'found', subjects: [project, user] })
const never = () => Promise.reject(new Error('it was loaded'))

test('what was loaded is known to the next operation, until one of its subjects changes', async () => {
  for (const subject of [project, user]) {
    const { cache, read } = world()
    expect(await read(found)).toEqual({ value: 'found', loaded: true })
    expect(await read(never)).toEqual({ value: 'found', loaded: false })
    cache.evict(subject)
    expect(await read(found)).toEqual({ value: 'found', loaded: true })
  }
})

test('the operation that loaded it notices, too, when it is dropped', async () => {
  const { cache } = world()
  using reading = cache.read()
  if (!reading) throw new Error('there is no lease')
  await readThrough({ cache, reading }, name, found)
  expect(reading.stillHolds()).toBe(true)
  cache.evict(user)
  expect(reading.stillHolds()).toBe(false)
})

test.each<[string, (w: ReturnType<typeof world>) => void]>([
  ['a subject changes', ({ cache }) => cache.evict(user)],
  ['everything is dropped', ({ cache }) => cache.clear()],
  ['the lease ends', ({ lease }) => lease.end()],
])('nothing is kept or answered when %s while it is loaded', async (_, change) => {
  const w = world()
  const changing = async () => {
    const loaded = await found()
    change(w)
    return loaded
  }
  await expect(w.read(changing)).rejects.toThrow(ReadAgain)
  w.lease.renew(w.lease.moment(), new Date(0))
  expect(w.loadIsUnderWay()).toBe(false)
  expect(w.cache.has(name)).toBe(false)
})

test('it is known until its end, by the database clock', async () => {
  const { now, cache, read } = world()
  const ending = async () => ({ ...(await found()), endsAt: new Date(100) })
  await read(ending)
  now.monotonic = 99
  expect(await read(never)).toEqual({ value: 'found', loaded: false })
  now.monotonic = 100
  // Loaded a moment too late: by now it has ended, whatever the load thought.
  await expect(read(ending)).rejects.toThrow(ReadAgain)
  expect(cache.statistics.hits).toBe(2)
})

test('that there is none is not kept', async () => {
  const { cache, read, loadIsUnderWay } = world()
  expect(await read(async () => null)).toEqual({ value: null, loaded: true })
  expect(loadIsUnderWay()).toBe(false)
  expect(cache.has(name)).toBe(false)
  expect(await read(found)).toEqual({ value: 'found', loaded: true })
})

test('a load ends, whether it was kept or failed', async () => {
  const { read, loadIsUnderWay } = world()
  await read(found)
  expect(loadIsUnderWay()).toBe(false)
  const failing = world()
  await expect(failing.read(never)).rejects.toThrow('it was loaded')
  expect(failing.loadIsUnderWay()).toBe(false)
  expect(failing.cache.has(name)).toBe(false)
})

test('an operation that does not read from the cache keeps nothing there and finds nothing there', async () => {
  const { cache, read } = world()
  expect(await readThrough({ cache }, name, found)).toBe('found')
  expect(await readThrough({}, name, found)).toBe('found')
  expect(cache.statistics).toMatchObject({ entries: 0, loads: 0 })
  await read(found)
  expect(await readThrough({ cache }, name, async () => null)).toBeNull()
})
