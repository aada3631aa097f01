import { headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import { cache } from 'react'
import { answerTo } from '#lib/auth/answer-to.ts'
import { readContext } from '#lib/auth/context.ts'
import { pageHeader, signInAddress } from '#lib/auth/next-page.ts'
import { newRequestId } from '#lib/auth/request-id.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { type ErrorCode, KmsError } from '#lib/kms/model/errors.ts'

type Verb<Input, View> = (ctx: KmsContext, input: Input) => Promise<View>

/** One context per page: the layout and the page ask in the name of one request. */
const pageContext = cache(() => readContext(newRequestId()))

/** What looks like "there is no such page". */
const missing: ReadonlySet<ErrorCode> = new Set([
  'keyNotFound',
  'changeNotFound',
  'projectNotFound',
  'userNotFound',
])

/**
 * Makes the read of a page out of a verb: the one door through which pages read.
 *
 * Signed out: to the sign-in page and back again. What does not exist, or may not be seen: not found. A refused
 * permission and every other error is thrown as the KmsError it is; a page that has a state for it catches it.
 *
 * @param verb its input must be plain JSON: within one request the same input is read once.
 */
export function defineQuery<Input, View>(verb: Verb<Input, View>): (input: Input) => Promise<View> {
  const once = cache(() => new Map<string, Promise<View>>())
  return (input) => {
    const reads = once()
    const name = JSON.stringify(input) ?? ''
    const read = reads.get(name) ?? readForPage(verb, input)
    reads.set(name, read)
    return read
  }
}

async function readForPage<Input, View>(verb: Verb<Input, View>, input: Input): Promise<View> {
  const ctx = await pageContext()
  if (!ctx) redirect(signInAddress((await headers()).get(pageHeader)))
  try {
    return await verb(ctx, input)
  } catch (error) {
    if (error instanceof KmsError && missing.has(error.code)) notFound()
    throw error
  }
}

/**
 * Makes a GET that answers JSON out of a verb, for pages that poll: `export const GET = defineJsonQuery(…)`. Errors,
 * signed out included, are `{ error: ErrorAnswer }` with the status of their code; never a redirect, never cached.
 *
 * @param read makes the verb's input of the request; it throws KmsError or ZodError for one that does not parse.
 */
export function defineJsonQuery<Input, View, Params = Record<never, never>>(
  read: (request: Request, params: Params) => Input | Promise<Input>,
  verb: Verb<Input, View>,
): (request: Request, route: { params: Promise<Params> }) => Promise<Response> {
  return async (request, { params }) => {
    const requestId = newRequestId()
    try {
      const ctx = await readContext(requestId)
      if (!ctx) throw new KmsError('signedOut')
      return json(200, await verb(ctx, await read(request, await params)))
    } catch (error) {
      const answer = answerTo(error, requestId)
      const status = answer.kind === 'signed-out' ? 401 : new KmsError(answer.code).status
      return json(status, { error: answer })
    }
  }
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}
