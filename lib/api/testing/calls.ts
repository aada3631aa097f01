import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Operation } from '../operation.ts'
import { operations } from '../operations/index.ts'
import type { Got, RealClient } from './real-client.ts'
import type { TestEndpoint } from './test-endpoint.ts'

export type Input = { body?: object; path?: Record<string, string>; query?: Record<string, unknown> }

export function operationNamed(id: string): Operation {
  const found = operations.find((operation) => operation.id === id)
  if (!found) throw new Error(`there is no operation ${id}`)
  return found
}

/**
 * Calls operations by their ids with the product's own client, and holds every answer against its schema: nothing
 * missing, nothing more, and an object or 204.
 */
export class Calls {
  /** Ids of the operations that were answered well. */
  readonly answered = new Set<string>()
  readonly client: RealClient
  readonly bodyOf: TestEndpoint['bodyOf']

  constructor(client: RealClient, { bodyOf }: Pick<TestEndpoint, 'bodyOf'>) {
    this.client = client
    this.bodyOf = bodyOf
  }

  async call(id: string, { body, path, query }: Input = {}): Promise<Record<string, unknown>> {
    const operation = operationNamed(id)
    // A signature says what is asked and in which second: without a serial number the same request, asked for twice in
    // one second, would be the repetition of one.
    const serial = operation.writes ? { sequence: randomUUID() } : {}
    const got: Got = await this.client.call({
      method: operation.method,
      url: operation.path,
      ...(path ? { path } : {}),
      ...(body ? { data: { ...serial, ...body }, query: query ?? {} } : { query: { ...serial, ...query } }),
    })
    const { httpStatusCode, ...answer } = got
    expect(httpStatusCode).toBe(operation.result ? 200 : 204)
    if (operation.result) expect(operation.result.parse(answer)).toEqual(answer)
    else expect(answer).toEqual({})
    this.answered.add(id)
    return answer
  }

  /**
   * The status and code with which a call is refused: `400 KMS.0209`. The client's own reading of an error loses the
   * code of the nested form, so it is taken from what was sent.
   */
  async refusal(id: string, input: Input = {}): Promise<string> {
    try {
      await this.call(id, input)
    } catch (error) {
      const { httpStatusCode, requestId } = error as { httpStatusCode?: number; requestId?: string }
      if (httpStatusCode === undefined || requestId === undefined) throw error
      return `${httpStatusCode} ${codeIn(this.bodyOf(requestId))}`
    }
    throw new Error(`${id} was not refused`)
  }
}

/** The code in the documented form of an error, which this checks as well. */
export function codeIn(body: string): string {
  const parsed: unknown = JSON.parse(body)
  const text = {
    error_code: expect.stringMatching(/^(KMS|Keystead)\.\d{4}$/),
    error_msg: expect.stringMatching(/./),
  }
  const gateway = {
    error_code: expect.stringMatching(/^APIGW\.\d{4}$/),
    error_msg: text.error_msg,
    request_id: expect.any(String),
  }
  expect([{ error: text }, gateway]).toContainEqual(parsed)
  const { error, error_code: flat } = parsed as { error?: { error_code: string }; error_code?: string }
  return error?.error_code ?? flat ?? ''
}
