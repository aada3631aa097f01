import { randomUUID } from 'node:crypto'
import { hashPassword, verifyPassword } from 'better-auth/crypto'
import { type FoundCredential, findCredential } from '#lib/kms/access/find-credential.ts'
import { type IssuedToken, makeToken } from '#lib/kms/access/make-token.ts'
import { recordRefusedSignIn } from '#lib/kms/access/record-refused-sign-in.ts'
import { admitAttempt } from '#lib/kms/access/throttle.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { listProjects, type ProjectOfAccount } from '#lib/kms/projects/list-projects.ts'

export type TokenRequest = {
  /** Lower case. */
  email: string
  password: string
  /** If given, the user's account must be this one. */
  domain?: { id?: string | undefined; name?: string | undefined } | undefined
  project: { id?: string | undefined; name?: string | undefined }
}

export type TokenGrant = IssuedToken & { credential: FoundCredential; project: ProjectOfAccount }

let nobodysHash: Promise<string> | undefined

/**
 * The second door for a password: a token for programs, for one project. It has the throttle of the console's sign-in,
 * and an unknown email, a wrong password, a suspended user and another account get the same answer after the same work.
 *
 * @throws {KmsError} tooManyAttempts, credentialsInvalid; after the right password secondFactorNeeded for a user who
 *   signs in with one, projectNotFound
 */
export async function issueToken(
  { db, rootKey }: Pick<KmsContext, 'db' | 'rootKey'>,
  request: TokenRequest,
  origin: Pick<KmsContext, 'requestId' | 'sourceAddress'>,
): Promise<TokenGrant> {
  const { email, password } = request
  const attempt = { email, address: origin.sourceAddress }
  const admitted = await admitAttempt(db, attempt)
  const credential = await findCredential(db, email)
  nobodysHash ??= hashPassword(randomUUID())
  const nobodys = await nobodysHash
  const matches = await verifyPassword({ hash: credential?.passwordHash ?? nobodys, password })
  if (!credential || !matches || !credential.active || !isOf(credential, request.domain)) {
    await recordRefusedSignIn(db, rootKey, attempt, admitted, origin.requestId)
    throw new KmsError('credentialsInvalid')
  }
  if (credential.secondFactor) throw new KmsError('secondFactorNeeded')
  const { accountId, userId, name } = credential.user
  const ctx: KmsContext = { db, rootKey, accountId, actor: { kind: 'user', id: userId, name }, ...origin }
  const [project] = (await listProjects(ctx)).filter((one) => isNamed(one, request.project))
  if (!project) throw new KmsError('projectNotFound')
  const issued = await makeToken(ctx, { projectId: project.id, email }, attempt, admitted)
  return { ...issued, credential, project }
}

function isOf({ domain }: FoundCredential, asked: TokenRequest['domain']): boolean {
  return isNamed(domain, asked ?? {})
}

function isNamed(
  one: { id: string; name: string },
  asked: { id?: string | undefined; name?: string | undefined },
): boolean {
  return (
    (asked.id === undefined || asked.id === one.id) && (asked.name === undefined || asked.name === one.name)
  )
}
