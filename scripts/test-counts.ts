import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { projectRoot } from './project-root.ts'

/**
 * How many checks of a tool held and did not; `failures`: those of them that have a name, by file and title, each with
 * the beginning of its reason on further lines.
 */
export type Outcome = { passed: number; failed: number; failures: string[] }

type VitestReport = {
  numPassedTests: number
  numFailedTests: number
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[]
  }[]
}

type PlaywrightSpec = {
  ok: boolean
  file: string
  title: string
  tests: { results: { errors: { message?: string }[] }[] }[]
}

type PlaywrightSuite = { suites?: PlaywrightSuite[]; specs?: PlaywrightSpec[] }

type PlaywrightReport = PlaywrightSuite & {
  stats: { expected: number; unexpected: number; flaky: number }
  /** Of no test: a file that could not be loaded, or a start of the product that failed. */
  errors: { message?: string }[]
}

const noReport: Outcome = { passed: 0, failed: 1, failures: [] }

/** Enough to see what went wrong where only the end of a long output was kept. */
const reasonLines = 30

function failure(name: string, reasons: readonly string[]): string {
  const lines = stripVTControlCharacters(reasons.join('\n')).split('\n')
  const written = lines.filter((line) => line.trim() !== '')
  return [name, ...written.slice(0, reasonLines).map((line) => `        ${line}`)].join('\n')
}

function readReport<Report>(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return null
  }
}

/** A run that went wrong counts at least one failure, whatever its report says. */
const atLeastOne = ({ passed, failed, failures }: Outcome, exitCode: number): Outcome => ({
  passed,
  failed: Math.max(failed, exitCode === 0 ? 0 : 1),
  failures,
})

/** What Vitest's JSON report says; a file that failed beside its tests (it, or a hook of it) counts as one failure. */
export function countVitest(file: string, exitCode: number): Outcome {
  const report = readReport<VitestReport>(file)
  if (!report) return noReport
  const besideTests = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  const failures = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) =>
        failure(`${relative(projectRoot, name)}: ${fullName}`, failureMessages),
      ),
  )
  return atLeastOne(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + besideTests.length,
      failures: [
        ...failures,
        ...besideTests.map(({ name, message }) => failure(relative(projectRoot, name), [message])),
      ],
    },
    exitCode,
  )
}

/** What Playwright's JSON report says; a test that passed only when repeated counts as failed. */
export function countPlaywright(file: string, exitCode: number): Outcome {
  const report = readReport<PlaywrightReport>(file)
  if (!report) return noReport
  const { expected, unexpected, flaky } = report.stats
  const failed = unexpected + flaky + report.errors.length
  const besideTests = report.errors.map(({ message }) => failure('beside the browser tests', [message ?? '']))
  return atLeastOne(
    { passed: expected, failed, failures: [...failedSpecs(report), ...besideTests] },
    exitCode,
  )
}

function failedSpecs({ suites = [], specs = [] }: PlaywrightSuite): string[] {
  const failed = specs
    .filter(({ ok }) => !ok)
    .map(({ file, title, tests }) => failure(`${file}: ${title}`, tests.flatMap(reasonsOf)))
  return [...failed, ...suites.flatMap(failedSpecs)]
}

function reasonsOf({ results }: PlaywrightSpec['tests'][number]): string[] {
  return results.flatMap(({ errors }) => errors.map(({ message }) => message ?? ''))
}
