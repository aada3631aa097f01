import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeKeyState } from '#lib/kms/keys/change-key-state.ts'
import { type TestEndpoint, testEndpoint } from './testing/test-endpoint.ts'

/** What the README says that a service does, run as it says. */
let endpoint: TestEndpoint
let folder: string

beforeAll(async () => {
  endpoint = await testEndpoint()
  folder = await mkdtemp(join(tmpdir(), 'keystead-examples-'))
})

afterAll(async () => {
  await endpoint[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function run(example: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const { url, credentials } = endpoint
  const env = {
    ...process.env,
    KEYSTEAD_ENDPOINT: url,
    KEYSTEAD_PROJECT: credentials.projectId,
    KEYSTEAD_ACCESS_KEY: credentials.id,
    KEYSTEAD_SECRET_KEY: credentials.secret,
  }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`docs/examples/${example}.ts`, ...args],
      { env },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? 1, output: stdout + stderr }),
    )
  })
}

test('a file is encrypted with a data key, and not opened once the key is disabled', async () => {
  const { world } = endpoint
  const key = await world.makeKey()
  const file = join(folder, 'report.txt')
  await writeFile(file, 'the report')
  expect(await run('encrypt-file', 'encrypt', key.id, file)).toEqual({ code: 0, output: '' })
  const sealed = await readFile(`${file}.sealed`, 'utf8')
  expect(sealed).not.toContain(Buffer.from('the report').toString('base64').slice(0, 8))
  await rm(file)
  expect(await run('encrypt-file', 'decrypt', `${file}.sealed`)).toEqual({ code: 0, output: '' })
  expect(await readFile(file, 'utf8')).toBe('the report')
  await changeKeyState(world.ctx, { projectId: world.projectId, keyId: key.id, operation: 'disable' })
  const refused = await run('encrypt-file', 'decrypt', `${file}.sealed`)
  expect(refused.code).toBe(1)
  expect(refused.output).toContain('KMS.0209')
})

test('a file is signed, and checked without Keystead', async () => {
  const key = await endpoint.world.makeKey({ spec: 'EC_P256', usage: 'SIGN_VERIFY' })
  const file = join(folder, 'release.tar')
  await writeFile(file, 'a release')
  expect(await run('sign-file', 'sign', key.id, file)).toEqual({ code: 0, output: '' })
  expect(await run('sign-file', 'verify', file)).toEqual({ code: 0, output: 'The signature is valid.\n' })
  await writeFile(file, 'another release')
  expect(await run('sign-file', 'verify', file)).toEqual({ code: 1, output: 'The signature is NOT valid.\n' })
})
