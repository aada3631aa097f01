import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, closeSync, openSync } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { StartProblem } from '#lib/start-problem.ts'
import { type Binaries, binariesFor } from './binaries.ts'
import { makeCluster, makeRolesAndDatabase } from './cluster.ts'
import { socketConnectionString } from './connection-string.ts'
import { stopLeftover } from './leftover.ts'
import { passwordsFor } from './passwords.ts'
import { makeDataFolder, makePlaces, type Places, socketFolder, systemFolder } from './places.ts'
import { type SystemUser, systemUserFor } from './system-user.ts'

const LARGEST_LOG = 10 * 1024 * 1024
/** Long enough for crash recovery and for the sessions of a killed postmaster to notice. */
const START_TIMEOUT = 120_000

export type EmbeddedPostgres = {
  /** For the owner of the database (`keystead`). */
  connectionString: string
  /** For set-up and tests only. */
  superuserConnectionString: string
  pid: number
  /** Resolves when Postgres has ended, wanted or not. */
  ended: Promise<void>
  /** A fast shutdown; resolves when Postgres has ended. */
  stop(): Promise<void>
}

/**
 * Starts the embedded Postgres of a data folder, making folder, cluster, roles and database if absent, and stopping
 * a postmaster that a killed start left behind. The caller must hold the lock of the data folder.
 *
 * `settings` are extra server settings; only tests pass any.
 * @throws StartProblem when it does not start, with what to do.
 */
export async function startPostgres(
  dataDir: string,
  settings: Record<string, string> = {},
): Promise<EmbeddedPostgres> {
  await makeDataFolder(dataDir)
  const user = await systemUserFor(`${dataDir}/db/cluster`)
  const places = await makePlaces(dataDir, user)
  const binaries = await binariesFor(user, systemFolder)
  const passwords = await passwordsFor(dataDir)
  await stopLeftover(places.cluster)
  await makeCluster(places, binaries, user, passwords)
  const socket = await socketFolder(places, user)
  const superuserConnectionString = socketConnectionString(
    'postgres',
    passwords.superuser,
    'postgres',
    socket,
  )
  const server = await startServer(places, binaries, user, socket, settings, superuserConnectionString)
  const ended = once(server, 'exit').then(() => undefined)
  try {
    await makeRolesAndDatabase(superuserConnectionString, passwords)
  } catch (error) {
    server.kill('SIGINT')
    await ended
    throw error
  }
  return {
    connectionString: socketConnectionString('keystead', passwords.owner, 'keystead', socket),
    superuserConnectionString,
    pid: server.pid as number,
    ended,
    async stop() {
      server.kill('SIGINT')
      await ended
    },
  }
}

async function openLog(path: string, user: SystemUser | null): Promise<number> {
  const size = (await stat(path).catch(() => null))?.size ?? 0
  if (size > LARGEST_LOG) await rename(path, `${path}.old`)
  const log = openSync(path, 'a', 0o600)
  if (user) chownSync(path, user.ids.uid, user.ids.gid)
  return log
}

async function startServer(
  places: Places,
  binaries: Binaries,
  user: SystemUser | null,
  socket: string,
  settings: Record<string, string>,
  url: string,
): Promise<ChildProcess> {
  const deadline = Date.now() + START_TIMEOUT
  const all = {
    listen_addresses: '',
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    password_encryption: 'scram-sha-256',
    // What was acknowledged is on disk: an operator's postgresql.conf cannot say otherwise.
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The text of a failed statement, or the detail of an error, may hold what must not be written down.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    logging_collector: 'off',
    ...settings,
  }
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  for (;;) {
    const log = await openLog(places.log, user)
    const server = spawn(binaries.postgres, ['-D', places.cluster, ...args], {
      ...user?.ids,
      cwd: places.home,
      // Nothing of the starter's environment: it may hold the root key.
      env: { NODE_ENV: 'production' },
      // A session of its own: Ctrl-C in the terminal does not reach it, so it outlives those who use it.
      detached: true,
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    if (await answers(server, url, deadline)) return server
    // After `kill -9` of the postmaster its sessions hold the shared memory until they notice.
    if (Date.now() > deadline || !(await sessionsLinger(places.log))) break
    await pause(250)
  }
  throw new StartProblem(`The embedded Postgres did not start: the reason is at the end of ${places.log}.`)
}

async function answers(server: ChildProcess, url: string, deadline: number): Promise<boolean> {
  let failed = false
  server.once('error', () => {
    failed = true
  })
  while (!failed && server.exitCode === null && server.signalCode === null) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 3000 })
    // An error after the connection failed must not end the process.
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.end()
      return true
    } catch {
      await client.end().catch(() => undefined)
      if (Date.now() > deadline) {
        server.kill('SIGQUIT')
        await once(server, 'exit')
        return false
      }
      await pause(25)
    }
  }
  return false
}

async function sessionsLinger(log: string): Promise<boolean> {
  const file = await open(log, 'r')
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(Math.min(size, 2000))
    await file.read(tail, 0, tail.length, size - tail.length)
    return /pre-existing shared memory block|lock file "postmaster.pid" already exists/.test(tail.toString())
  } finally {
    await file.close()
  }
}
