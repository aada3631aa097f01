import { type CallerLookUp, type CallingUser, findAccessKey } from '#lib/kms/access/find-access-key.ts'
import { readToken } from '#lib/kms/access/read-token.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { readAuthorization } from './signature/authorization.ts'
import { type SignedRequest, verifySignature } from './signature/verify-signature.ts'

/** Who calls, proved by a signature or a token. */
export type Caller = {
  user: CallingUser
  /** The one project of a token; null: a signature, good for every project of the account. */
  projectId: string | null
  /** The bytes of the signature; null for a token. */
  signature: Uint8Array | null
  /** The access key that signed; null for a token. */
  accessKeyId: string | null
}

/**
 * Finds out who sent a request: by its signature (`Authorization: SDK-HMAC-SHA256 …`) if it has one, else by its token
 * (`X-Auth-Token`). An unknown access key and a wrong signature get the same answer.
 *
 * @param look with `reading`: callers who are known are not looked up in the database
 * @throws {KmsError} tokenMissing, tokenInvalid, signatureInvalid, signatureExpired
 * @throws {ReadAgain} only with `reading`
 */
export async function authenticate(look: CallerLookUp, request: SignedRequest): Promise<Caller> {
  const authorization = only(request, 'authorization')
  if (authorization !== null) return bySignature(look, request, authorization)
  const token = only(request, 'x-auth-token')
  if (token === null || token === '') throw new KmsError('tokenMissing')
  const found = await readToken(look, token)
  if (!found) throw new KmsError('tokenInvalid')
  return { ...found, signature: null, accessKeyId: null }
}

async function bySignature(
  look: CallerLookUp,
  request: SignedRequest,
  authorization: string,
): Promise<Caller> {
  const claim = readAuthorization(authorization)
  if (!claim) throw new KmsError('signatureInvalid')
  const { user, secret, now } = await findAccessKey(look, claim.accessKeyId)
  verifySignature(request, claim, secret, now)
  if (!user) throw new KmsError('signatureInvalid')
  return { user, projectId: null, signature: claim.signature, accessKeyId: claim.accessKeyId }
}

/** The value of a header; null when it was not sent. */
function only(request: SignedRequest, name: string): string | null {
  const values = request.rawHeaders.filter(
    (_, at, all) => at % 2 === 1 && all[at - 1]?.toLowerCase() === name,
  )
  if (values.length > 1) throw new KmsError('signatureInvalid')
  return values[0] ?? null
}
