import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** BackendKeyData: `K`, its length, the process number, a secret (PostgreSQL, message formats). */
const GREETING = Buffer.from([0x4b, 0, 0, 0, 12])

/**
 * Passes connections on to the server's socket as a pooler does: it greets with a process number of its own, since it
 * does not know yet which server process will answer.
 */
export async function fakePooler(socketPath: string): Promise<AsyncDisposable & { port: number }> {
  const sockets: Socket[] = []
  const server = createServer((client) => {
    const upstream = connect(socketPath)
    sockets.push(client, upstream)
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    client.pipe(upstream)
    upstream.on('data', (chunk: Buffer) => {
      const at = chunk.indexOf(GREETING)
      if (at >= 0) chunk.writeInt32BE(1, at + GREETING.length)
      client.write(chunk)
    })
    upstream.on('end', () => client.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
