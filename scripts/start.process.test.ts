import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startPostgres } from '#lib/db/embedded/start-postgres.ts'
import { childProcesses, isRunning } from './testing/child-processes.ts'
import { askProductDatabase } from './testing/product-database.ts'
import { freePort, type StartedProduct, startProduct, temporaryDataFolder } from './testing/start-product.ts'

const RUNNING = 'Keystead is running.'

let data: Awaited<ReturnType<typeof temporaryDataFolder>>

beforeEach(async () => {
  data = await temporaryDataFolder()
})

afterEach(() => data[Symbol.asyncDispose]())

async function running(settings: Record<string, string> = {}): Promise<StartedProduct> {
  const product = await startProduct({ KMS_DATA_DIR: data.path, ...settings })
  await product.untilPrinted(RUNNING)
  return product
}

/** The last line that a start printed which must have failed. */
async function refusal(settings: Record<string, string> = {}): Promise<string | undefined> {
  const product = await startProduct({ KMS_DATA_DIR: data.path, ...settings })
  expect(await product.exited).toBe(1)
  expect(product.output()).not.toContain(RUNNING)
  const lines = product.output().trim().split('\n')
  expect(lines.filter((line) => /^\s+at /.test(line))).toEqual([])
  return lines.at(-1)
}

describe('a start on an empty data folder', () => {
  test('brings up console, endpoint and a database of its own, and stops them in order', async () => {
    await using product = await running()
    expect(product.output()).toContain(product.consoleUrl)
    expect(product.output()).toContain(product.endpointUrl)
    expect((await fetch(`${product.endpointUrl}/readyz`)).status).toBe(200)
    expect((await fetch(`${product.consoleUrl}/healthz`)).status).toBe(200)
    expect((await fetch(product.consoleUrl, { redirect: 'manual' })).status).toBeLessThan(500)

    const processes = Object.values(await childProcesses(product.process.pid as number))
    // Ctrl-C in a terminal reaches the starter only: each of its processes leads a session of its own.
    expect(processes.map(({ session }) => session)).toEqual(processes.map(({ pid }) => pid))

    expect(await product.stop()).toBe(0)
    expect(product.output()).toMatch(
      /Stopping the console[\s\S]*Stopping the endpoint[\s\S]*Stopping the database/,
    )
    expect(processes.filter(({ pid }) => isRunning(pid))).toEqual([])
    expect(await readFile(join(data.path, 'db', 'postgres.log'), 'utf8')).toContain(
      'database system is shut down',
    )
  })

  test('keeps what was acknowledged, listens on no port and trusts nobody', async () => {
    await using product = await running()
    const settings = await askProductDatabase(
      data.path,
      `SELECT name, setting FROM pg_settings
       WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'data_checksums',
                      'unix_socket_permissions', 'password_encryption') ORDER BY name`,
    )
    expect(settings).toEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '' },
      { name: 'password_encryption', setting: 'scram-sha-256' },
      { name: 'synchronous_commit', setting: 'on' },
      { name: 'unix_socket_permissions', setting: '0700' },
    ])
    expect(
      await askProductDatabase(
        data.path,
        `SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname LIKE 'keystead%' ORDER BY 1`,
      ),
    ).toEqual([
      { rolname: 'keystead', rolsuper: false, rolbypassrls: false, rolcreaterole: false },
      { rolname: 'keystead_app', rolsuper: false, rolbypassrls: false, rolcreaterole: false },
    ])
    const access = await readFile(join(data.path, 'db', 'cluster', 'pg_hba.conf'), 'utf8')
    const methods = access.split('\n').filter((line) => /^(local|host)/.test(line))
    expect(new Set(methods.map((line) => line.trim().split(/\s+/).at(-1)))).toEqual(
      new Set(['scram-sha-256']),
    )
    const { postgres } = await childProcesses(product.process.pid as number)
    expect(postgres.uid).not.toBe(0)
  })

  test('leaves secrets to their owner only', async () => {
    await using _product = await running()
    const mode = async (...path: string[]): Promise<number> =>
      (await stat(join(data.path, ...path))).mode & 0o777
    expect(await mode('root.key')).toBe(0o600)
    expect(await mode('database-passwords.json')).toBe(0o600)
    expect(await mode('db')).toBe(0o700)
    expect(await mode('db', 'cluster')).toBe(0o700)
    expect(await mode('db', 'postgres.log')).toBe(0o600)
  })
})

describe('the console', () => {
  test('answers at its own address only', async () => {
    await using product = await running()
    const ask = async (host: string): Promise<string> => {
      const socket = connect(Number(new URL(product.consoleUrl).port), '127.0.0.1')
      socket.write(`GET /sign-in HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      return (await text(socket)).split('\r\n', 1)[0] ?? ''
    }
    expect(await ask('rebound.example.com')).toBe('HTTP/1.1 400 Bad Request')
    expect(await ask('')).toBe('HTTP/1.1 400 Bad Request')
    expect(await ask(new URL(product.consoleUrl).host)).not.toContain('400')
  })
})

describe('Ctrl-C', () => {
  test('lets a request that is under way finish', async () => {
    const product = await running()
    const socket = connect(Number(new URL(product.endpointUrl).port), '127.0.0.1')
    socket.write(
      'POST /v1.0/unknown HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n{',
    )
    // The next request is answered, so the first bytes of this one have been read.
    await fetch(`${product.endpointUrl}/healthz`)
    const stopped = product.stop()
    await product.untilPrinted('Stopping the endpoint')
    socket.end('"":')
    socket.end()
    expect(await text(socket)).toMatch(/^HTTP\/1.1 4\d\d /)
    expect(await stopped).toBe(0)
  })
})

describe('a start is refused with one sentence', () => {
  test.each(['PORT', 'KMS_API_PORT'])('when %s is in use', async (variable) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    expect(await refusal({ [variable]: String(port) })).toBe(
      `Port ${port} on 127.0.0.1 is in use: stop what listens there, or set ${variable} to another port.`,
    )
    taken.close()
  })

  test('on a data folder that another start uses', async () => {
    await using product = await running()
    expect(await refusal()).toBe(
      `Keystead already runs on the data folder ${data.path} (process ${product.process.pid}): stop that one first, or set KMS_DATA_DIR to another folder.`,
    )
    expect((await fetch(`${product.endpointUrl}/readyz`)).status).toBe(200)
  })

  test('on a data folder that cannot be used', async () => {
    const file = join(data.path, 'a-file')
    await writeFile(file, '')
    expect(await refusal({ KMS_DATA_DIR: file })).toMatch(
      /^The data folder .*a-file cannot be used by this user \(\w+\): start Keystead as/,
    )
  })

  test('when DATABASE_URL is no such address', async () => {
    expect(await refusal({ DATABASE_URL: 'mysql://user:hunter2@db/kms' })).toBe(
      'DATABASE_URL must look like postgresql://user:password@host:5432/database: correct it and start again.',
    )
  })

  test('when nothing answers at DATABASE_URL', async () => {
    const port = await freePort()
    expect(await refusal({ DATABASE_URL: `postgresql://user:hunter2@127.0.0.1:${port}/kms` })).toBe(
      `No database answers at 127.0.0.1:${port} (ECONNREFUSED): start it, or correct DATABASE_URL.`,
    )
  })

  test('when the root key is not the one of the database', async () => {
    await (await running()).stop()
    await writeFile(join(data.path, 'root.key'), randomBytes(32).toString('base64'))
    expect(await refusal()).toMatch(/^This root key .* is not the one that sealed this database/)
  })

  test('when the root key file is gone', async () => {
    await (await running()).stop()
    const key = await readFile(join(data.path, 'root.key'))
    await writeFile(join(data.path, 'root.key'), '')
    expect(await refusal()).toContain('root.key does not hold base64 of 32 bytes')
    await writeFile(join(data.path, 'root.key'), key)
    await (await running()).stop()
  })

  test('when a newer version migrated the database', async () => {
    await (await running()).stop()
    const postgres = await startPostgres(data.path)
    await askProductDatabase(
      data.path,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at)
       VALUES ('1', 'c', '9999_from_the_future', now())`,
    )
    await postgres.stop()
    expect(await refusal()).toBe(
      'The database was migrated by a newer version of Keystead (9999_from_the_future): start that version or a later one.',
    )
  })
})

describe('kill -9', () => {
  const remember = (dataDir: string): Promise<object[]> =>
    askProductDatabase(dataDir, `CREATE TABLE memory AS SELECT 'kept' AS what`)
  const remembered = (dataDir: string): Promise<object[]> =>
    askProductDatabase(dataDir, 'SELECT what FROM memory')

  test.each([
    ['console', 'The console ended unexpectedly (SIGKILL)'],
    ['endpoint', 'The endpoint ended unexpectedly (SIGKILL)'],
    ['postgres', 'The embedded Postgres ended unexpectedly'],
  ] as const)(
    'of the %s ends everything with code 1, and the next start has lost nothing',
    async (name, sentence) => {
      const product = await running()
      await remember(data.path)
      const processes = await childProcesses(product.process.pid as number)
      process.kill(processes[name].pid, 'SIGKILL')
      expect(await product.exited).toBe(1)
      expect(product.output()).toContain(sentence)
      expect(Object.values(processes).filter(({ pid }) => isRunning(pid))).toEqual([])

      await using next = await running()
      expect(await remembered(data.path)).toEqual([{ what: 'kept' }])
      expect(next.output()).not.toContain('Building')
    },
  )

  test('of the starter: the next start takes the same ports and stops the database left behind', async () => {
    const product = await running()
    await remember(data.path)
    const { postgres } = await childProcesses(product.process.pid as number)
    product.process.kill('SIGKILL')
    await product.exited

    const { port } = new URL(product.consoleUrl)
    const { port: apiPort } = new URL(product.endpointUrl)
    await using next = await running({ PORT: port, KMS_API_PORT: apiPort })
    expect(isRunning(postgres.pid)).toBe(false)
    expect(await remembered(data.path)).toEqual([{ what: 'kept' }])
    expect((await fetch(`${next.endpointUrl}/readyz`)).status).toBe(200)
  })

  test('of starter and console at once', async () => {
    const product = await running()
    const processes = await childProcesses(product.process.pid as number)
    await remember(data.path)
    product.process.kill('SIGKILL')
    process.kill(processes.console.pid, 'SIGKILL')
    process.kill(processes.postgres.pid, 'SIGKILL')
    await product.exited
    await using _next = await running()
    expect(await remembered(data.path)).toEqual([{ what: 'kept' }])
  })
})
