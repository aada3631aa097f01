import { type Child, startChild } from './child.ts'
import type { FromEndpoint, ToEndpoint } from './endpoint-messages.ts'

/** A process that is busy or stopped is left out of a scrape instead of holding it up. */
const patienceMilliseconds = 1_000

/**
 * Starts endpoint processes that share one port, all at once. When one falls the group has fallen; they are stopped
 * together. A scrape reaches any one of them, so the numbers that one is asked for are gathered from all.
 *
 * @throws StartProblem when one does not start; then none is left running
 */
export async function startEndpoints(
  count: number,
  env: Record<string, string | undefined>,
): Promise<Pick<Child, 'fallen' | 'stop'>> {
  const started = await Promise.allSettled(
    Array.from({ length: count }, (_, index) =>
      startChild('endpoint', { ...env, KEYSTEAD_ENDPOINT_PROCESS: String(index + 1) }),
    ),
  )
  const children = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const stop = async (): Promise<number | null> => {
    const codes = await Promise.all(children.map((child) => child.stop()))
    const failed = codes.filter((code) => code !== 0)
    return failed.length === 0 ? 0 : (failed.find((code) => code !== null) ?? null)
  }
  const failure = started.find((one) => one.status === 'rejected')
  if (failure) {
    await stop()
    throw failure.reason
  }
  gatherFor(children)
  const fallen = Promise.race(children.map((child) => child.fallen))
  // Handled where it is awaited; until then it must not count as unhandled.
  fallen.catch(() => undefined)
  return { fallen, stop }
}

type Gathering = { missing: number; texts: string[]; done: () => void }

/** Answers each child that asks with what all of them tell in time. */
function gatherFor(children: readonly Child[]): void {
  const tell = (child: Child, message: ToEndpoint): void => child.send(message)
  const gatherings = new Map<number, Gathering>()
  let last = 0
  const gather = (asker: Child, id: number): void => {
    const gathering = ++last
    const texts: string[] = []
    const done = (): void => {
      clearTimeout(timer)
      gatherings.delete(gathering)
      tell(asker, { kind: 'gathered', id, texts })
    }
    const timer = setTimeout(done, patienceMilliseconds)
    gatherings.set(gathering, { missing: children.length, texts, done })
    for (const child of children) tell(child, { kind: 'tell', gathering })
  }
  for (const child of children) {
    child.onMessage((received) => {
      const message = received as FromEndpoint
      if (message.kind === 'gather') gather(child, message.id)
      const open = message.kind === 'numbers' && gatherings.get(message.gathering)
      if (!open) return
      open.texts.push(message.text)
      open.missing--
      if (open.missing === 0) open.done()
    })
  }
}
