import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from '#lib/db/embedded/start-postgres.ts'
import { readEnvironment } from '#lib/env.ts'
import { prepareDatabase } from './prepare-database.ts'
import { projectRoot } from './project-root.ts'
import { askProductDatabase } from './testing/product-database.ts'
import { temporaryDataFolder } from './testing/start-product.ts'

let data: Awaited<ReturnType<typeof temporaryDataFolder>>

/** An installation with an administrator, as the first start leaves it; nothing runs. */
beforeAll(async () => {
  data = await temporaryDataFolder()
  const postgres = await startPostgres(data.path)
  const env = readEnvironment({
    KMS_DATA_DIR: data.path,
    KMS_ADMIN_EMAIL: 'ana@example.com',
    KMS_ADMIN_PASSWORD: 'a sentence to sign in',
  })
  await prepareDatabase(postgres.connectionString, env)
  await postgres.stop()
})

afterAll(() => data[Symbol.asyncDispose]())

async function audit(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const command = spawn(process.execPath, ['scripts/audit.ts', ...args], {
    cwd: projectRoot,
    env: { NODE_ENV: 'production', PATH: process.env.PATH, HOME: process.env.HOME, KMS_DATA_DIR: data.path },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [command.stdout, command.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const [code] = (await once(command, 'close')) as [number]
  return { code, lines: output.trim().split('\n') }
}

/** Changes the database as somebody who can write it, while nothing else runs. */
async function tamper(sql: string): Promise<void> {
  const postgres = await startPostgres(data.path)
  await askProductDatabase(data.path, sql).finally(() => postgres.stop())
}

test('says how each chain is, names the first event that is wrong, and ends with the code that tells', async () => {
  const intact = await audit('verify')
  expect(intact.code).toBe(0)
  expect(intact.lines.toSorted()).toEqual([
    expect.stringMatching(/^Account default \([0-9a-f-]{36}\): 1 event, all as they were recorded\.$/),
    'Installation: 1 event, all as they were recorded.',
  ])

  await tamper(`UPDATE audit_event SET action = 'nothing' WHERE account_id IS NOT NULL`)
  const changed = await audit('verify')
  expect(changed.code).toBe(1)
  expect(changed.lines).toContainEqual(
    expect.stringMatching(
      /^Account .*: event 1 is not what was recorded; 0 events before it are as recorded\.$/,
    ),
  )
  expect(changed.lines).toContain('Installation: 1 event, all as they were recorded.')

  await tamper(
    `UPDATE audit_event SET action = 'addUser' WHERE account_id IS NOT NULL; DELETE FROM audit_event WHERE account_id IS NULL`,
  )
  const removed = await audit('verify')
  expect(removed.code).toBe(1)
  expect(removed.lines).toContain('Installation: event 1 was removed; 0 events before it are as recorded.')
  expect(removed.lines).toContainEqual(expect.stringMatching(/^Account .*all as they were recorded\.$/))

  await tamper('DELETE FROM audit_chain WHERE account_id IS NULL')
  expect((await audit('verify')).lines).toContain(
    'Installation: the audit chain is gone, with every event from number 1 on.',
  )
})

test('says whether uses are recorded, and who was refused', async () => {
  // On already, so that it changes nothing here.
  expect(await audit('data-events', 'on')).toEqual({
    code: 0,
    lines: [
      expect.stringMatching(
        /^Account default \([0-9a-f-]{36}\): uses of keys are recorded in the audit chain\.$/,
      ),
    ],
  })
  expect(await audit('refused')).toEqual({ code: 0, lines: ['No call was refused in the last 30 days.'] })
})

test.for([[], ['check'], ['verify', 'all']])(
  'without the right command it says how to use it: %o',
  async (args) => {
    const { code, lines } = await audit(...args)
    expect(code).toBe(1)
    expect(lines[0]).toBe('npm run audit -- verify')
    expect(lines).toContainEqual(expect.stringMatching(/^verify checks every audit chain/))
  },
)
