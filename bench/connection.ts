import { connect, type Socket } from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')
const LARGEST_READ = 16 * 1024

/** One keep-alive connection with one request under way at a time. It connects anew when the server has closed it. */
export class Connection {
  readonly #port: number
  #socket: Socket | null = null
  #answered: ((status: number) => void) | null = null
  /** The beginning of an answer that came in pieces. */
  #begun: Buffer | null = null

  constructor(port: number) {
    this.#port = port
  }

  /** Resolves when it is connected. */
  opened(): Promise<void> {
    const socket = this.#open()
    return new Promise((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject)
    })
  }

  /** Sends a request; `answered` is told the status of the answer, 0 when the connection was lost before. */
  send(request: Uint8Array, answered: (status: number) => void): void {
    this.#answered = answered
    this.#open().write(request)
  }

  close(): void {
    this.#answered = null
    this.#socket?.destroy()
    this.#socket = null
  }

  #open(): Socket {
    if (this.#socket) return this.#socket
    this.#begun = null
    const socket = connect({
      host: '127.0.0.1',
      port: this.#port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(LARGEST_READ),
        callback: (length, buffer) => {
          this.#read((buffer as Buffer).subarray(0, length))
          return true
        },
      },
    })
    this.#socket = socket
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#finish(0)
    })
    return socket
  }

  #read(piece: Buffer): void {
    const bytes = this.#begun ? Buffer.concat([this.#begun, piece]) : piece
    const headEnd = bytes.indexOf(HEAD_END)
    const head = headEnd < 0 ? '' : bytes.toString('latin1', 0, headEnd)
    const length = headEnd < 0 ? null : bodyLength(head)
    if (length === null || bytes.length < headEnd + HEAD_END.length + length) {
      this.#begun = this.#begun ? bytes : Buffer.from(bytes)
      return
    }
    this.#begun = null
    if (/\r\nconnection: close/i.test(head)) {
      this.#socket?.destroy()
      this.#socket = null
    }
    this.#finish(Number(head.slice(9, 12)))
  }

  #finish(status: number): void {
    const answered = this.#answered
    this.#answered = null
    answered?.(status)
  }
}

/** @throws {Error} for an answer in chunks, which nothing that is measured sends */
function bodyLength(head: string): number {
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length !== undefined) return Number(length)
  if (head.startsWith('HTTP/1.1 204')) return 0
  throw new Error(`an answer without a length: ${head}`)
}
