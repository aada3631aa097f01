import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { askHolder, lock, tryLock } from './lock.mjs'

test('one holds it, and tells who asks', async () => {
  const name = randomUUID()
  expect(await askHolder(name)).toBeNull()
  const release = await tryLock(name, () => 'it is me')
  expect(release).not.toBeNull()
  expect(await tryLock(name)).toBeNull()
  expect(await askHolder(name)).toBe('it is me')
  release?.()
  expect(await tryLock(name)).not.toBeNull()
})

test('it is free as soon as its holder was killed', async () => {
  const name = randomUUID()
  const module = fileURLToPath(new URL('lock.mjs', import.meta.url))
  const script = `const { tryLock } = await import(${JSON.stringify(module)}); await tryLock('${name}'); console.log('held'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script])
  await once(holder.stdout, 'data')
  expect(await tryLock(name)).toBeNull()
  const waiting = lock(name)
  holder.kill('SIGKILL')
  const release = await waiting
  release()
})
