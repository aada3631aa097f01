import { connect, type Socket } from 'node:net'

export type RawAnswer = {
  /** Everything that came back, as Latin-1. */
  text: string
  /** The server ended the connection. */
  ended: boolean
}

/** One answer of those that came on a connection. */
export type ReadAnswer = { status: number; body: string }

/** A connection on which any bytes can be sent, well-formed or not. */
export class RawClient implements Disposable {
  readonly #socket: Socket
  readonly #closed: Promise<void>
  #text = ''
  #ended = false
  /** Where in the text the answer begins that nobody has asked for yet. */
  #next = 0
  #more = Promise.withResolvers<void>()

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.#socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1')
      this.#noteMore()
    })
    this.#closed = new Promise((resolve) => {
      const end = (): void => {
        this.#ended = true
        this.#noteMore()
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
    return { text: this.#text, ended: this.#ended }
  }

  /**
   * Waits for the next answer on this connection, as long as that takes; `answer` tells of all of them all the same.
   *
   * @throws Error if the server ends the connection without another whole answer
   */
  async nextAnswer(): Promise<ReadAnswer> {
    for (;;) {
      const read = readAnswer(this.#text.slice(this.#next))
      if (read) {
        this.#next += read.length
        if (read.answer.status !== 100) return read.answer
      } else {
        if (this.#ended) throw new Error(`ended before an answer: ${this.#text.slice(this.#next)}`)
        await this.#more.promise
      }
    }
  }

  #noteMore(): void {
    this.#more.resolve()
    this.#more = Promise.withResolvers()
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

/**
 * The answers in a stream of them, but for `100 Continue`.
 *
 * @throws Error if it holds anything else
 */
export function answersIn(text: string): ReadAnswer[] {
  const answers: ReadAnswer[] = []
  for (let rest = text; rest !== ''; ) {
    const read = readAnswer(rest)
    if (!read) throw new Error(`this is no answer: ${rest}`)
    if (read.answer.status !== 100) answers.push(read.answer)
    rest = rest.slice(read.length)
  }
  return answers
}

/** The answer with which a text begins and its length there, or null while some of it is missing. */
function readAnswer(text: string): { answer: ReadAnswer; length: number } | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
  if (!status) throw new Error(`this is no answer: ${text}`)
  const bodyLength = status === 100 ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  const length = end + 4 + bodyLength
  if (text.length < length) return null
  return {
    answer: { status, body: Buffer.from(text.slice(end + 4, length), 'latin1').toString('utf8') },
    length,
  }
}
