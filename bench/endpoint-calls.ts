import { Connection } from './connection.ts'

/** Connections of a program to the endpoint: as many as there are calls at a time. */
export class EndpointCalls implements Disposable {
  readonly #port: number
  readonly #idle: Connection[] = []

  constructor(port: number) {
    this.#port = port
  }

  /**
   * Sends a whole request.
   *
   * @throws {Error} unless it is answered with 200
   */
  async call(request: Uint8Array): Promise<void> {
    const connection = this.#idle.pop() ?? new Connection(this.#port)
    const status = await new Promise((resolve) => connection.send(request, resolve))
    this.#idle.push(connection)
    if (status !== 200) throw new Error(`the endpoint answered with ${status}`)
  }

  [Symbol.dispose](): void {
    for (const connection of this.#idle) connection.close()
  }
}
