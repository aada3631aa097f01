import { expect, test } from 'vitest'
import { subjectOf } from '../invalidations/subject.ts'
import type { EntryName } from './entry.ts'
import { Lease } from './lease.ts'
import { SubjectCache } from './subject-cache.ts'

const account = 'account'
const key = (id: string) => subjectOf('key', account, id)
const user = (id: string) => subjectOf('user', account, id)

class Secret implements Disposable {
  overwritten = false;
  [Symbol.dispose](): void {
    this.overwritten = true
  }
}

function filled({ max = 100 } = {}) {
  const now = { monotonic: 0, wall: 0 }
  const lease = new Lease({ monotonic: () => now.monotonic, wall: () => now.wall })
  lease.renew(lease.moment(), new Date(0))
  const cache = new SubjectCache(lease, { max })
  const put = (name: string, subjects: ReturnType<typeof key>[], endsAt: Date | null = null): Secret => {
    const secret = new Secret()
    const token = cache.begin()
    expect(cache.keep(token, name, secret, subjects, endsAt)).toBe(true)
    cache.end(token)
    return secret
  }
  const read = (name: string) => {
    using reading = cache.read()
    return reading?.find(name as EntryName<Secret>)
  }
  return { now, lease, cache, put, read }
}

test('everything that depends on a subject goes with it, and nothing else', () => {
  const { cache, put, read } = filled()
  const [a, both, b] = [put('a', [key('1')]), put('both', [key('1'), user('7')]), put('b', [key('2')])]
  cache.evict(key('1'))
  expect([read('a'), read('both'), read('b')]).toEqual([undefined, undefined, b])
  expect([a, both, b].map((secret) => secret.overwritten)).toEqual([true, true, false])
  cache.evict(user('7'))
  expect(read('b')).toBe(b)
})

test('what is in use is overwritten only once its use has ended', () => {
  const { cache, put } = filled()
  const secret = put('a', [key('1')])
  const reading = cache.read()
  expect(reading?.find('a' as EntryName<Secret>)).toBe(secret)
  cache.evict(key('1'))
  expect(secret.overwritten).toBe(false)
  reading?.[Symbol.dispose]()
  expect(secret.overwritten).toBe(true)
})

test('the second look fails when anything read was dropped, by a change or for want of room', () => {
  for (const drop of [
    (f: ReturnType<typeof filled>) => f.cache.evict(user('7')),
    (f: ReturnType<typeof filled>) => f.cache.clear(),
    (f: ReturnType<typeof filled>) => f.lease.end(),
    (f: ReturnType<typeof filled>) => f.put('c', [key('3')]) && f.put('d', [key('4')]),
  ]) {
    const f = filled({ max: 2 })
    f.put('a', [key('1')])
    f.put('b', [user('7')])
    using reading = f.cache.read()
    reading?.find('a' as EntryName<Secret>)
    reading?.find('b' as EntryName<Secret>)
    expect(reading?.stillHolds()).toBe(true)
    drop(f)
    expect(reading?.stillHolds()).toBe(false)
  }
})

test('the second look fails when something read has ended by the database clock', () => {
  const { cache, put, now } = filled()
  put('a', [key('1')], new Date(100))
  using reading = cache.read()
  expect(reading?.find('a' as EntryName<Secret>)).toBeDefined()
  now.monotonic = 99
  expect(reading?.stillHolds()).toBe(true)
  now.monotonic = 100
  expect(reading?.stillHolds()).toBe(false)
  using later = cache.read()
  expect(later?.find('a' as EntryName<Secret>)).toBeUndefined()
})

test('what changes during a load is not kept, whether the load knew its name before or not', () => {
  const { cache, lease } = filled()
  for (const change of [() => cache.evict(key('1')), () => cache.clear(), () => lease.end()]) {
    lease.renew(lease.moment(), new Date(0))
    const token = cache.begin()
    change()
    expect(cache.keep(token, 'a', new Secret(), [user('7'), key('1')])).toBe(false)
    cache.end(token)
  }
  lease.renew(lease.moment(), new Date(0))
  const token = cache.begin()
  cache.evict(key('2'))
  expect(cache.keep(token, 'a', new Secret(), [key('1')])).toBe(true)
})

test('a load that has ended keeps nothing, and there is none without a lease', () => {
  const { cache, lease } = filled()
  const token = cache.begin()
  cache.end(token)
  expect(cache.keep(token, 'a', new Secret(), [key('1')])).toBe(false)
  lease.end()
  expect(cache.begin()).toBeNull()
  expect(cache.read()).toBeNull()
})

test('it is bounded, and the least recently used goes first', () => {
  const { cache, put, read } = filled({ max: 2 })
  const first = put('a', [key('1')])
  put('b', [key('2')])
  expect(read('a')).toBe(first)
  put('c', [key('3')])
  expect(read('b')).toBeUndefined()
  expect(read('a')).toBe(first)
  expect(cache.statistics.entries).toBe(2)
})

test('what takes the place of something goes with its own subjects', () => {
  const { cache, put, read } = filled()
  const old = put('a', [key('1')])
  const fresh = put('a', [key('2')])
  expect(old.overwritten).toBe(true)
  cache.evict(key('1'))
  expect(read('a')).toBe(fresh)
  cache.evict(key('2'))
  expect(read('a')).toBeUndefined()
})
