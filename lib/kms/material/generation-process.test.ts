import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkKeyPair } from '#lib/kms/crypto/key-pair.ts'
import { GenerationInterrupted, GenerationProcess } from './generation-process.ts'

/** A process that has ended but was not yet collected by its new parent still has an entry, in state Z. */
const alive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat !== undefined && stat.split(') ')[1]?.[0] !== 'Z'
}

const pidOf = (generation: GenerationProcess): number => {
  if (generation.pid === undefined) throw new Error('no child')
  return generation.pid
}

test('one child makes many pairs', async () => {
  const generation = new GenerationProcess()
  const first = await generation.generate('EC_P256')
  const pid = generation.pid
  const more = await Promise.all([generation.generate('ED25519'), generation.generate('EC_P256')])
  expect(generation.pid).toBe(pid)
  expect(await checkKeyPair('EC_P256', first.privateKey)).toEqual(first)
  expect(more[1]?.publicKey).not.toEqual(first.publicKey)
  process.kill(pidOf(generation), 'SIGKILL')
})

test('a request under way when the child dies fails at once, and the next starts another child', async () => {
  const generation = new GenerationProcess()
  await generation.generate('EC_P256')
  const pid = pidOf(generation)
  const waiting = generation.generate('RSA_4096')
  process.kill(pid, 'SIGKILL')
  await expect(waiting).rejects.toThrow(GenerationInterrupted)
  await generation.generate('EC_P256')
  expect(generation.pid).not.toBe(pid)
  process.kill(pidOf(generation), 'SIGKILL')
})

test('a child that cannot start fails the request', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'generation-'))
  const entry = join(folder, 'broken-child.mjs')
  await writeFile(entry, 'process.exit(1)')
  await expect(new GenerationProcess(entry).generate('EC_P256')).rejects.toThrow(GenerationInterrupted)
  await rm(folder, { recursive: true })
})

test('a spec without a private key is an error of ours, not an interruption', async () => {
  const generation = new GenerationProcess()
  await expect(generation.generate('AES_256')).rejects.toThrow('AES_256 has no private key')
  process.kill(pidOf(generation), 'SIGKILL')
})

test.runIf(process.platform === 'linux')('every thread of the child has the lowest priority', async () => {
  const generation = new GenerationProcess()
  await generation.generate('EC_P256')
  const tasks = `/proc/${pidOf(generation)}/task`
  const niceOf = async (thread: string): Promise<string | undefined> =>
    (await readFile(join(tasks, thread, 'stat'), 'utf8')).split(') ')[1]?.split(' ')[16]
  const nice = await Promise.all((await readdir(tasks)).map(niceOf))
  expect(nice.every((value) => value === '19')).toBe(true)
  process.kill(pidOf(generation), 'SIGKILL')
})

test.runIf(process.platform === 'linux')('nothing of our environment reaches the child', async () => {
  process.env.KMS_ROOT_KEY = 'canary'
  const generation = new GenerationProcess()
  await generation.generate('EC_P256')
  const environment = await readFile(`/proc/${pidOf(generation)}/environ`, 'utf8')
  expect(environment).not.toContain('canary')
  delete process.env.KMS_ROOT_KEY
  process.kill(pidOf(generation), 'SIGKILL')
})

test.runIf(process.platform === 'linux')('the child exits when its parent is killed', async () => {
  const module = join(import.meta.dirname, 'generation-process.ts')
  const script = `
    const { GenerationProcess } = await import(${JSON.stringify(module)})
    const generation = new GenerationProcess()
    await generation.generate('EC_P256')
    console.log(generation.pid)
    await generation.generate('RSA_4096')
    setInterval(() => undefined, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
  expect(await alive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => alive(pid)).toBe(false)
})

test('an idle child does not keep a script from ending', async () => {
  const module = join(import.meta.dirname, 'generate-material.ts')
  const script = `
    const { generateMaterial } = await import(${JSON.stringify(module)})
    const { material } = await generateMaterial('EC_P256')
    console.log(material.length)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
})
