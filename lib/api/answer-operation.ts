import { isUnavailable } from '#lib/db/unavailable.ts'
import { answerOnce } from '#lib/kms/access/answer-once.ts'
import { ReadAgain } from '#lib/kms/cache/read-again.ts'
import type { Reading } from '#lib/kms/cache/reading.ts'
import type { KmsContext, UseRecorder } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { ownsProject } from '#lib/kms/projects/owns-project.ts'
import { authenticate, type Caller } from './authenticate.ts'
import { type Answer, errorAnswer, unexpectedAnswer } from './error-body.ts'
import type { KnownCaller, ObservedCall } from './observer.ts'
import type { Operation } from './operation.ts'
import type { RateLimits } from './rate-limits.ts'
import { readInput, readJsonObject } from './read-input.ts'
import type { SignedRequest } from './signature/verify-signature.ts'

/** What the endpoint works with. */
export type Services = Pick<KmsContext, 'db' | 'rootKey' | 'cache'> & {
  /** Takes note of uses of keys; absent: nobody does. */
  uses?: UseRecorder
  /** Turns callers away who call too often; absent: nobody is. */
  rates?: RateLimits
}

/** A request as the router hands it on. */
export type ReceivedRequest = SignedRequest & {
  contentType: string | undefined
  /** Path parameters, decoded. */
  params: Record<string, string>
  /** Query parameters, decoded; the first of several. */
  query: Record<string, string>
  requestId: string
  sourceAddress: string | null
}

/** Who is told that somebody was let in, or that a fault was found. */
export type Report = Pick<ObservedCall, 'known' | 'failed'>

/**
 * Answers one call of the API. Of several reasons to refuse it the first in this order is told, as docs/api.md says:
 * (route) → authentication → rate → project → shape of the body → parameters → and then the verb's own: permission, key,
 * default key, state, usage, algorithm, sizes.
 */
export function answerOperation(
  services: Services,
  operation: Operation,
  request: ReceivedRequest,
  report: Report,
): Promise<Answer> {
  return answered(request.requestId, report, async () => {
    using reading = cachedGroups.has(operation.group) ? services.cache?.read() : null
    if (reading) {
      try {
        return await answer({ ...services, reading }, operation, request, report)
      } catch (error) {
        if (!(error instanceof ReadAgain)) throw error
      }
    }
    return answer(services, operation, request, report)
  })
}

/**
 * Calls that use keys, by the thousand: what is known decides about them without asking. Everything else asks the
 * database who calls.
 */
const cachedGroups = new Set<Operation['group']>(['Data', 'Data keys', 'Signatures and MACs'])

async function answer(
  services: Services & { reading?: Reading },
  operation: Operation,
  request: ReceivedRequest,
  report: Report,
): Promise<Answer> {
  const caller = await authenticate(services, request)
  report.known(knownCaller(caller))
  services.rates?.admit(caller.user.userId, operation.rate ?? 'general')
  const ctx = contextOf(services, caller, request)
  const projectId = request.params.project_id ?? ''
  await requireProject(ctx, caller, projectId)
  const body = readJsonObject(request.body, request.contentType)
  const input = {
    projectId,
    params: operation.params && readInput(operation.params, request.params),
    query: operation.query && readInput(operation.query, request.query),
    body: operation.body && readInput(operation.body, body),
  }
  const run = () =>
    answered(request.requestId, report, async () => {
      const result = await operation.run(ctx, input)
      return result === undefined ? { status: 204, body: '' } : { status: 200, body: JSON.stringify(result) }
    })
  if (!operation.writes || caller.signature === null) return run()
  return answerOnce(ctx, caller.signature, run)
}

/** Turns whatever is thrown into the answer that tells of it, except `ReadAgain`. */
export async function answered(
  requestId: string,
  report: Report,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ReadAgain) throw error
    const known = error instanceof KmsError && error.code !== 'unexpected' ? error : null
    if (known && (known.status < 500 || known.code === 'busy')) return errorAnswer(known, requestId)
    report.failed(error)
    // Before its cause is looked at: what may have been saved is never told as "nothing was done".
    if (known?.status === 504) return errorAnswer(known, requestId)
    if (known === null && isUnavailable(error)) return errorAnswer(new KmsError('busy'), requestId)
    return unexpectedAnswer(requestId)
  }
}

/** What the log says of a caller. */
export function knownCaller({ user, accessKeyId }: Caller): KnownCaller {
  return { userId: user.userId, accessKeyId }
}

/** In whose name the verbs work. */
export function contextOf(
  services: Services & { reading?: Reading },
  { user }: Caller,
  request: Pick<ReceivedRequest, 'requestId' | 'sourceAddress'>,
): KmsContext {
  const { db, rootKey, uses, cache, reading } = services
  return {
    db,
    rootKey,
    ...(uses ? { uses } : {}),
    ...(cache && reading ? { cache, reading } : {}),
    accountId: user.accountId,
    actor: { kind: 'user', id: user.userId, name: user.name },
    requestId: request.requestId,
    sourceAddress: request.sourceAddress,
  }
}

async function requireProject(ctx: KmsContext, caller: Caller, projectId: string): Promise<void> {
  const known = caller.projectId === null ? await ownsProject(ctx, projectId) : caller.projectId === projectId
  if (!known) throw new KmsError('projectMismatch')
}
