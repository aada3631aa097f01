import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectRoot } from './project-root.ts'
import { countPlaywright, countVitest } from './test-counts.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reports-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function report(content: object): Promise<string> {
  const file = join(folder, 'report.json')
  await writeFile(file, JSON.stringify(content))
  return file
}

const vitest = (passed: number, failed: number, testResults: object[] = []): Promise<string> =>
  report({ numPassedTests: passed, numFailedTests: failed, testResults })

test('counts what Vitest reports, and names what failed with its reason', async () => {
  expect(countVitest(await vitest(3, 0), 0)).toEqual({ passed: 3, failed: 0, failures: [] })
  const assertionResults = [
    { status: 'passed', fullName: 'a key is made', failureMessages: [] },
    {
      status: 'failed',
      fullName: 'a key is destroyed',
      failureMessages: ['AssertionError: \u001b[31mstill there\u001b[39m\n\n    at keys.test.ts:3'],
    },
  ]
  const name = join(projectRoot, 'lib/keys.test.ts')
  expect(countVitest(await vitest(3, 1, [{ name, status: 'failed', assertionResults }]), 1)).toEqual({
    passed: 3,
    failed: 1,
    failures: [
      'lib/keys.test.ts: a key is destroyed\n        AssertionError: still there\n            at keys.test.ts:3',
    ],
  })
})

test('a file that could not be loaded is a failure', async () => {
  const name = join(projectRoot, 'lib/keys.test.ts')
  const file = await vitest(3, 0, [{ name, status: 'failed', message: 'SyntaxError', assertionResults: [] }])
  expect(countVitest(file, 1)).toEqual({
    passed: 3,
    failed: 1,
    failures: ['lib/keys.test.ts\n        SyntaxError'],
  })
})

test('a hook that fails is a failure of its file, with its reason', async () => {
  const name = join(projectRoot, 'lib/keys.test.ts')
  const assertionResults = [{ status: 'skipped', fullName: 'a key is made', failureMessages: [] }]
  const file = await vitest(3, 0, [{ name, status: 'failed', message: 'no database', assertionResults }])
  expect(countVitest(file, 1)).toEqual({
    passed: 3,
    failed: 1,
    failures: ['lib/keys.test.ts\n        no database'],
  })
})

test('a browser run whose product does not start is a failure, with its reason', async () => {
  const file = await report({
    stats: { expected: 0, unexpected: 0, flaky: 0 },
    errors: [{ message: 'Ended without printing' }],
  })
  expect(countPlaywright(file, 1)).toEqual({
    passed: 0,
    failed: 1,
    failures: ['beside the browser tests\n        Ended without printing'],
  })
})

test('an error outside of every test is a failure', async () => {
  expect(countVitest(await vitest(3, 0), 1)).toEqual({ passed: 3, failed: 1, failures: [] })
})

test('a run without a report is a failure', () => {
  const failed = { passed: 0, failed: 1, failures: [] }
  expect(countVitest(join(folder, 'none.json'), 0)).toEqual(failed)
  expect(countPlaywright(join(folder, 'none.json'), 0)).toEqual(failed)
})

test('a browser test that passed only when repeated is a failure; what failed is named', async () => {
  const specs = [
    { ok: true, file: 'keys.spec.ts', title: 'is made', tests: [{ results: [{ errors: [] }] }] },
    {
      ok: false,
      file: 'keys.spec.ts',
      title: 'is destroyed',
      tests: [{ results: [{ errors: [{ message: 'still there' }] }, { errors: [] }] }],
    },
  ]
  const file = await report({
    stats: { expected: 5, unexpected: 1, flaky: 1 },
    errors: [],
    suites: [{ specs: [], suites: [{ specs }] }],
  })
  expect(countPlaywright(file, 1)).toEqual({
    passed: 5,
    failed: 2,
    failures: ['keys.spec.ts: is destroyed\n        still there'],
  })
})
