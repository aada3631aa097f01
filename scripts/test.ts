// npm test: everything that must hold, from formatting to the browser. The last line is "N passed, N failed".
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildConsole } from './build.ts'
import { projectRoot } from './project-root.ts'
import { runTool } from './run-tool.ts'
import { countPlaywright, countVitest, type Outcome } from './test-counts.ts'

const reports = await mkdtemp(join(tmpdir(), 'keystead-reports-'))
const total: Outcome = { passed: 0, failed: 0, failures: [] }

function add(name: string, { passed, failed, failures }: Outcome): void {
  total.passed += passed
  total.failed += failed
  total.failures.push(...(failed > 0 && failures.length === 0 ? [name] : failures))
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'}  ${name}: ${passed} passed, ${failed} failed\n`)
}

const oneCheck = (holds: boolean): Outcome => ({
  passed: holds ? 1 : 0,
  failed: holds ? 0 : 1,
  failures: [],
})

/** A tool that holds or does not: one check. */
async function check(name: string, command: string, args: string[]): Promise<void> {
  const holds = (await runTool(command, args)) === 0
  add(name, oneCheck(holds))
}

async function vitest(project: string): Promise<void> {
  const report = join(reports, `${project}.json`)
  const code = await runTool('vitest', [
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  add(project, countVitest(report, code))
}

async function build(): Promise<void> {
  try {
    await buildConsole(projectRoot, new AbortController().signal)
    add('build', oneCheck(true))
  } catch (error) {
    console.error(error)
    add('build', oneCheck(false))
  }
}

async function browser(): Promise<void> {
  const report = join(reports, 'browser.json')
  const code = await runTool('playwright', ['test'], { PLAYWRIGHT_JSON_OUTPUT_FILE: report })
  add('browser', countPlaywright(report, code))
}

try {
  await check('format', 'biome', ['format', '.'])
  await check('lint', 'biome', ['lint', '--error-on-warnings', '.'])
  await check('types', 'tsc', ['--noEmit', '--project', '.'])
  await check('import direction', 'node', ['scripts/check-imports.ts'])
  await check('unused code', 'knip', ['--no-config-hints'])
  await vitest('unit')
  await vitest('db')
  await build()
  await vitest('process')
  await browser()
} finally {
  await rm(reports, { recursive: true, force: true })
}
for (const failure of total.failures) console.log(`FAILED  ${failure}`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)
