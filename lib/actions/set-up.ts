'use server'

import { hashPassword } from 'better-auth/crypto'
import * as z from 'zod'
import { applyCookies } from '#lib/auth/apply-cookies.ts'
import { logger } from '#lib/auth/logger.ts'
import { signIn } from '#lib/auth/sign-in.ts'
import { sourceAddress } from '#lib/auth/source-address.ts'
import { checkSetUpToken, completeSetUp } from '#lib/kms/access/set-up.ts'
import { readLink, useLink } from '#lib/kms/access/use-link.ts'
import { linkToken, setPasswordInput, setUpInput } from '#lib/kms/model/inputs/credentials.ts'
import { definePublicAction, type PublicCall } from './define-action.ts'

/** Makes the first administrator with the set-up link, and signs that person in. */
export const setUpAction = definePublicAction(setUpInput, async (call, { token, email, password }) => {
  const { db, rootKey } = call.service
  await checkSetUpToken(db, token)
  const passwordHash = await hashPassword(password)
  await completeSetUp(db, rootKey, { token, email, passwordHash }, originOf(call))
  await enter(call, email, password)
})

/** Whose one-time link this is. */
export const readLinkAction = definePublicAction(z.object({ token: linkToken }), ({ service }, { token }) =>
  readLink(service.db, token),
)

/** Sets a password with a one-time link, and signs that person in. */
export const setPasswordAction = definePublicAction(setPasswordInput, async (call, { token, password }) => {
  const { db, rootKey } = call.service
  await readLink(db, token)
  const passwordHash = await hashPassword(password)
  const { email } = await useLink(db, rootKey, { token, passwordHash }, originOf(call))
  await enter(call, email, password)
})

/** The password is set, whatever happens here, and must not be told as refused: then the next page asks for it. */
async function enter(
  { service, sent, requestId }: PublicCall,
  email: string,
  password: string,
): Promise<void> {
  try {
    await applyCookies(await signIn(service, sent, { email, password }, requestId), service.publicUrl)
  } catch (error) {
    logger().warn({ err: error, requestId }, 'whoever has set a password could not be signed in with it')
  }
}

function originOf({ sent, requestId }: PublicCall) {
  return { requestId, sourceAddress: sourceAddress(sent) }
}
