import type { FastifyReply, FastifyRequest } from 'fastify'
import { KmsError } from '#lib/kms/model/errors.ts'
import type { Admission } from './admission.ts'
import { errorAnswer } from './error-body.ts'
import type { Observer } from './observer.ts'
import { giveAnswer, originOf } from './requests.ts'
import { endOfReading } from './turn.ts'

/** As much of `Admission` as a route asks and tells. */
export type Gate = Pick<Admission, 'admits' | 'begun' | 'ended'>

/** Made once: the error behind it would cost more than the answer. Its form does not name the request. */
const overloaded = errorAnswer(new KmsError('busy'), '')

/** Answers a call that was not let in: 503 with `Retry-After`, together with the others of this turn. */
export async function turnAway(
  request: FastifyRequest,
  reply: FastifyReply,
  { observer, operationId }: { observer: Observer; operationId: string },
): Promise<FastifyReply> {
  await endOfReading()
  observer.refused(overloaded, originOf(request), operationId)
  return giveAnswer(reply, overloaded)
}
