// Plain JavaScript without dependencies: setup.mjs runs it on Node 20 before anything is installed.
import { createHash } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * The name of a lock as an abstract Unix socket: it lives in no folder, and the kernel frees it the moment its
 * process ends, however it ends. So no lock outlives a `kill -9`, and none has to be judged stale.
 * @param {string} name
 */
const address = (name) => `\0keystead-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`

/**
 * Takes a lock of this machine for as long as this process lives.
 * @param {string} name
 * @param {() => string} tellHolder told to whoever finds the lock taken
 * @returns {Promise<(() => void) | null>} what releases it; null when another process holds it
 */
export function tryLock(name, tellHolder = () => '') {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.end(tellHolder())
    })
    server.unref()
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE') resolve(null)
      else reject(error)
    })
    server.listen(address(name), () => resolve(() => server.close()))
  })
}

/**
 * Takes a lock, waiting until it is free.
 * @param {string} name
 * @param {() => void} onWait called once if it has to wait
 * @returns {Promise<() => void>}
 */
export async function lock(name, onWait = () => undefined) {
  for (let tries = 0; ; tries++) {
    const release = await tryLock(name)
    if (release) return release
    if (tries === 0) onWait()
    await pause(100)
  }
}

/**
 * What the holder of a lock says of itself; null when nobody holds it.
 * @param {string} name
 * @returns {Promise<string | null>}
 */
export function askHolder(name) {
  return new Promise((resolve) => {
    const socket = connect(address(name))
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (text) => {
      answer += text
    })
    socket.once('end', () => resolve(answer))
    socket.once('error', () => resolve(null))
    socket.setTimeout(3000, () => {
      socket.destroy()
      resolve('')
    })
  })
}
