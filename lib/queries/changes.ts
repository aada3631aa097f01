import * as z from 'zod'
import { readItemQuestion } from '#lib/change-url.ts'
import { type ReadChangeInput, readChange as readChangeVerb } from '#lib/kms/changes/read-change.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { defineJsonQuery, defineQuery } from './define-query.ts'

/** An address can hold anything; what is no id names no change. */
function readNamed(ctx: KmsContext, input: ReadChangeInput) {
  if (!z.uuid().safeParse(input.changeId).success) throw new KmsError('changeNotFound')
  return readChangeVerb(ctx, input)
}

export const readChange = defineQuery(readNamed)

/** GET: a change as JSON, with the items that the address asks for. */
export const getChange = defineJsonQuery(
  (request, { changeId }: { changeId: string }) => ({
    changeId,
    ...readItemQuestion(new URL(request.url).searchParams),
  }),
  readNamed,
)
