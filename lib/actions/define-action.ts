import { refresh } from 'next/cache'
import { headers } from 'next/headers'
import { unstable_rethrow } from 'next/navigation'
import type * as z from 'zod'
import { actionError } from '#lib/auth/action-error.ts'
import { readContext } from '#lib/auth/context.ts'
import { newRequestId } from '#lib/auth/request-id.ts'
import { refuseForeignOrigin } from '#lib/auth/same-origin.ts'
import { readService } from '#lib/auth/service.ts'
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
  return async (input) => {
    const requestId = newRequestId()
    try {
      const service = await readService()
      refuseForeignOrigin(await headers(), service.publicUrl)
      const ctx = await readContext(requestId)
      if (!ctx) throw new KmsError('signedOut')
      const data = await verb(ctx, schema.parse(input))
      if (options.refresh !== false) refresh()
      return { ok: true, data }
    } catch (error) {
      unstable_rethrow(error)
      return { ok: false, error: actionError(error, requestId) }
    }
  }
}
