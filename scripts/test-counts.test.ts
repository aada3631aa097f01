import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

test('counts what Vitest reports', async () => {
  expect(countVitest(await vitest(3, 0), 0)).toEqual({ passed: 3, failed: 0 })
  expect(countVitest(await vitest(3, 2), 1)).toEqual({ passed: 3, failed: 2 })
})

test('a file that could not be loaded is a failure', async () => {
  const file = await vitest(3, 0, [{ status: 'failed', assertionResults: [] }])
  expect(countVitest(file, 1)).toEqual({ passed: 3, failed: 1 })
})

test('an error outside of every test is a failure', async () => {
  expect(countVitest(await vitest(3, 0), 1)).toEqual({ passed: 3, failed: 1 })
})

test('a run without a report is a failure', () => {
  expect(countVitest(join(folder, 'none.json'), 0)).toEqual({ passed: 0, failed: 1 })
  expect(countPlaywright(join(folder, 'none.json'), 0)).toEqual({ passed: 0, failed: 1 })
})

test('a browser test that passed only when repeated is a failure', async () => {
  const file = await report({ stats: { expected: 5, unexpected: 1, flaky: 1 }, errors: [] })
  expect(countPlaywright(file, 1)).toEqual({ passed: 5, failed: 2 })
})
