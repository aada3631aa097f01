import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { StartProblem } from '#lib/start-problem.ts'

function listenOnce(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)))
  })
}

/**
 * Sees that `variable`'s port can be listened on.
 * @throws StartProblem with what to do.
 */
export async function checkPort(
  variable: 'PORT' | 'KMS_API_PORT',
  host: string,
  port: number,
): Promise<void> {
  let error = await listenOnce(host, port)
  // The processes of a killed start need a moment to notice that it is gone.
  for (let tries = 0; error?.code === 'EADDRINUSE' && tries < 10; tries++) {
    await pause(100)
    error = await listenOnce(host, port)
  }
  if (!error) return
  if (error.code === 'EADDRINUSE') {
    throw new StartProblem(
      `Port ${port} on ${host} is in use: stop what listens there, or set ${variable} to another port.`,
    )
  }
  if (error.code === 'EACCES') {
    throw new StartProblem(`This user may not listen on port ${port}: set ${variable} to 1024 or above.`)
  }
  throw new StartProblem(
    `This machine cannot listen on ${host} (${error.code}): set HOST to one of its own addresses.`,
  )
}
