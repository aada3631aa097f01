import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Name of the socket of a server on PostgreSQL's own port. */
const socketName = '.s.PGSQL.5432'

/** Answers that come late, by so many milliseconds: of the named connections, all or only those to a COMMIT. */
export type Lateness = { milliseconds: number; applicationName: string; answers: 'all' | 'to COMMIT' }

/**
 * What happens on the way between one process and its database. `cut`: connections are destroyed and new ones refused;
 * `silent`: they stay open, but nothing arrives in either direction.
 */
export type LinkState = 'open' | 'cut' | 'silent' | Lateness

type Link = { client: Socket; server: Socket; name: string }

/** Passes the connections of one process on to PostgreSQL, as long as the test lets it. */
export class DatabaseProxy implements AsyncDisposable {
  /** Leads through the proxy. */
  readonly connectionString: string
  readonly #folder: string
  readonly #upstream: string
  readonly #listener: Server
  readonly #links = new Set<Link>()
  #state: LinkState = 'open'

  private constructor(folder: string, connectionString: string) {
    const url = new URL(connectionString)
    this.#folder = folder
    this.#upstream = join(url.searchParams.get('host') ?? '', socketName)
    url.searchParams.set('host', folder)
    this.connectionString = url.href
    this.#listener = createServer({ allowHalfOpen: true }, (client) => this.#accept(client))
  }

  /** @param connectionString of a server that listens on a Unix socket */
  static async open(connectionString: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(await mkdtemp(join(tmpdir(), 'ks-link-')), connectionString)
    proxy.#listener.listen(join(proxy.#folder, socketName))
    await once(proxy.#listener, 'listening')
    return proxy
  }

  set(state: LinkState): void {
    this.#state = state
    for (const link of this.#links) {
      if (state === 'cut') destroy(link)
      else if (state === 'silent') for (const end of [link.client, link.server]) end.pause()
      else for (const end of [link.client, link.server]) end.resume()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) destroy(link)
    this.#listener.close()
    await once(this.#listener, 'close')
    await rm(this.#folder, { recursive: true, force: true })
  }

  #accept(client: Socket): void {
    if (this.#state === 'cut') {
      client.destroy()
      return
    }
    const link: Link = { client, server: connect(this.#upstream), name: '' }
    this.#links.add(link)
    for (const end of [client, link.server]) {
      end.on('error', () => destroy(link))
      end.on('close', () => {
        destroy(link)
        this.#links.delete(link)
      })
      if (this.#state === 'silent') end.pause()
    }
    client.on('data', (chunk: Buffer) => {
      if (link.name === '') link.name = applicationName(chunk)
      link.server.write(chunk)
    })
    client.on('end', () => link.server.end())
    let last = Promise.resolve()
    const inTurn = (answer: Buffer | null, pass: () => void): void => {
      const late = this.#lateness(link, answer)
      const due = late === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, late))
      last = last.then(() => due).then(pass)
    }
    link.server.on('data', (chunk: Buffer) => inTurn(chunk, () => client.writable && client.write(chunk)))
    link.server.on('end', () => inTurn(null, () => client.end()))
  }

  #lateness(link: Link, answer: Buffer | null): number {
    if (typeof this.#state === 'string') return 0
    const { milliseconds, applicationName: name, answers } = this.#state
    const concerned = link.name === name && (answers === 'all' || (answer?.includes(committed) ?? false))
    return concerned ? milliseconds : 0
  }
}

/** CommandComplete with the tag COMMIT (PostgreSQL, message formats). */
const committed = Buffer.from('C\0\0\0\x0bCOMMIT\0')

function destroy({ client, server }: Link): void {
  client.destroy()
  server.destroy()
}

/** From the start-up message: pairs of names and values, each ended by a zero byte (PostgreSQL, message formats). */
function applicationName(startUp: Buffer): string {
  const words = startUp.subarray(8).toString('latin1').split('\0')
  return words[words.indexOf('application_name') + 1] ?? ''
}
