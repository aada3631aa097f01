import { connect, type Socket } from 'node:net'

export type RawAnswer = {
  /** Everything that came back, as Latin-1. */
  text: string
  /** The server ended the connection. */
  ended: boolean
  milliseconds: number
}

/** A connection on which any bytes can be sent, well-formed or not. */
export class RawClient implements Disposable {
  readonly #socket: Socket
  readonly #closed: Promise<void>
  readonly #begun = performance.now()
  #text = ''
  #ended = false

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.#socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1')
    })
    this.#closed = new Promise((resolve) => {
      const end = (): void => {
        this.#ended = true
        resolve()
      }
      this.#socket.on('end', end).on('close', end).on('error', end)
    })
  }

  send(bytes: string | Uint8Array): void {
    if (this.#socket.writable)
      this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Sends nothing more, and waits for what comes. */
  finish(): void {
    this.#socket.end()
  }

  /** Waits until the server has ended the connection, or for so long. */
  async answer(milliseconds: number): Promise<RawAnswer> {
    let timer: NodeJS.Timeout | undefined
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds)
    })
    await Promise.race([this.#closed, enough])
    clearTimeout(timer)
    return { text: this.#text, ended: this.#ended, milliseconds: performance.now() - this.#begun }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

/** The answers in a stream of them: status and body. */
export function answersIn(text: string): { status: number; body: string }[] {
  const answers: { status: number; body: string }[] = []
  for (let rest = text; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n')
    const head = rest.slice(0, end)
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
    if (end < 0 || !status) throw new Error(`this is no answer: ${rest}`)
    const length = status === 100 ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    const body = Buffer.from(rest.slice(end + 4, end + 4 + length), 'latin1').toString('utf8')
    if (status !== 100) answers.push({ status, body })
    rest = rest.slice(end + 4 + length)
  }
  return answers
}
