import { readFileSync } from 'node:fs'

export type Counts = { passed: number; failed: number }

type VitestReport = {
  numPassedTests: number
  numFailedTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

type PlaywrightReport = { stats: { expected: number; unexpected: number; flaky: number }; errors: unknown[] }

function readReport<Report>(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return null
  }
}

/** A run that went wrong counts at least one failure, whatever its report says. */
const atLeastOne = ({ passed, failed }: Counts, exitCode: number): Counts => ({
  passed,
  failed: Math.max(failed, exitCode === 0 ? 0 : 1),
})

/** What Vitest's JSON report says; a file that could not even be loaded counts as one failure. */
export function countVitest(file: string, exitCode: number): Counts {
  const report = readReport<VitestReport>(file)
  if (!report) return { passed: 0, failed: 1 }
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  return atLeastOne({ passed: report.numPassedTests, failed: report.numFailedTests + unloaded }, exitCode)
}

/** What Playwright's JSON report says; a test that passed only when repeated counts as failed. */
export function countPlaywright(file: string, exitCode: number): Counts {
  const report = readReport<PlaywrightReport>(file)
  if (!report) return { passed: 0, failed: 1 }
  const { expected, unexpected, flaky } = report.stats
  return atLeastOne({ passed: expected, failed: unexpected + flaky + report.errors.length }, exitCode)
}
