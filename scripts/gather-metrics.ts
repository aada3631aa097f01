import { mergeMetrics } from '#lib/api/merge-metrics.ts'
import type { FromEndpoint, ToEndpoint } from './endpoint-messages.ts'

/** Longer than the starter gives the other processes. */
const patienceMilliseconds = 2_000

/**
 * The numbers of all endpoint processes of one start, gathered through the starter; those of this process alone where
 * there is no starter, or it does not answer. Call it once: from then on this process tells its own when it is asked.
 *
 * @param own the numbers of this process
 */
export function gatherMetrics(own: () => Promise<string>): () => Promise<string> {
  if (!process.send) return own
  const tell = (message: FromEndpoint): void => {
    // The starter may be gone; then this process is about to stop.
    if (process.connected) process.send?.(message, () => undefined)
  }
  const waiting = new Map<number, (texts: string[]) => void>()
  let last = 0
  process.on('message', (received) => {
    const message = received as ToEndpoint
    if (message.kind === 'tell')
      void own().then((text) => tell({ kind: 'numbers', gathering: message.gathering, text }))
    else waiting.get(message.id)?.(message.texts)
  })
  return async () => {
    const id = ++last
    const { promise, resolve } = Promise.withResolvers<string[]>()
    const timer = setTimeout(() => resolve([]), patienceMilliseconds)
    waiting.set(id, resolve)
    tell({ kind: 'gather', id })
    const texts = await promise
    clearTimeout(timer)
    waiting.delete(id)
    return texts.length === 0 ? own() : mergeMetrics(texts)
  }
}
