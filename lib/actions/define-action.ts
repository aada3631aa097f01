import { refresh } from 'next/cache'
import { headers } from 'next/headers'
import { unstable_rethrow } from 'next/navigation'
import type * as z from 'zod'
import { answerTo } from '#lib/auth/answer-to.ts'
import { readSession } from '#lib/auth/read-session.ts'
import { newRequestId } from '#lib/auth/request-id.ts'
import { refuseForeignOrigin } from '#lib/auth/same-origin.ts'
import { readService, type Service } from '#lib/auth/service.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import type { ActionResult } from './result.ts'

type Options = {
  /** Whether the page the person is on is read again after success; off for what changes nothing they see. */
  refresh?: boolean
}

/**
 * Makes a server action out of a verb: the one door through which the console changes anything, and its one catch.
 *
 * A call is refused unless it comes from a page of the console itself, then unless its session is alive; the input is
 * parsed at run time, whatever its type says. The verb checks the permission. The action never throws, except the
 * redirects and not-founds of Next.
 *
 * @param schema of the input; the verb is given its output.
 */
export function defineAction<Schema extends z.ZodType, T>(
  schema: Schema,
  verb: (ctx: KmsContext, input: z.output<Schema>) => Promise<T>,
  options: Options = {},
): (input: z.input<Schema>) => Promise<ActionResult<T>> {
  return (input) =>
    answer(async ({ service, sent, requestId }) => {
      const session = await readSession(service, sent, requestId)
      if (!session) throw new KmsError('signedOut')
      const data = await verb(session.ctx, schema.parse(input))
      if (options.refresh !== false) refresh()
      return data
    })
}

/** A call by somebody who need not be signed in. */
export type PublicCall = { service: Service; sent: Headers; requestId: string }

/** The same door for the few actions before signing in: the same origin, the same parsing, the same catch. */
export function definePublicAction<Schema extends z.ZodType, T>(
  schema: Schema,
  act: (call: PublicCall, input: z.output<Schema>) => Promise<T>,
): (input: z.input<Schema>) => Promise<ActionResult<T>> {
  return (input) => answer((call) => act(call, schema.parse(input)))
}

async function answer<T>(act: (call: PublicCall) => Promise<T>): Promise<ActionResult<T>> {
  const requestId = newRequestId()
  try {
    const service = await readService()
    const sent = await headers()
    refuseForeignOrigin(sent, service.publicUrl)
    return { ok: true, data: await act({ service, sent, requestId }) }
  } catch (error) {
    unstable_rethrow(error)
    return { ok: false, error: answerTo(error, requestId) }
  }
}
