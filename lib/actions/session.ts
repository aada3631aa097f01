'use server'

import { redirect } from 'next/navigation'
import * as z from 'zod'
import { applyCookies } from '#lib/auth/apply-cookies.ts'
import { homePage, ownPage } from '#lib/auth/next-page.ts'
import { signIn } from '#lib/auth/sign-in.ts'
import { signOut } from '#lib/auth/sign-out.ts'
import { signInInput } from '#lib/kms/model/inputs/credentials.ts'
import { definePublicAction } from './define-action.ts'
import type { ActionError } from './result.ts'

const openSession = definePublicAction(signInInput, async ({ service, sent, requestId }, input) => {
  await applyCookies(await signIn(service, sent, input, requestId), service.publicUrl)
})

/** Signs in where one stands: a form whose session ended keeps what was typed in it. */
export const signInHereAction = openSession

/** What the sign-in form shows: the email as it was typed, and why it was not accepted. */
export type SignInState = { email: string; error: ActionError | null }

/** Signs in from the form, which also works without scripts, and leads to the page that was asked for. */
export async function signInAction(_before: SignInState, form: FormData): Promise<SignInState> {
  const email = text(form, 'email')
  const result = await openSession({ email, password: text(form, 'password') })
  if (!result.ok) return { email, error: result.error }
  redirect(ownPage(text(form, 'next')) ?? homePage)
}

const closeSession = definePublicAction(z.void(), async ({ service, sent, requestId }) => {
  await applyCookies(await signOut(service, sent, requestId), service.publicUrl)
})

/** Ends the session and leads to the sign-in page. */
export async function signOutAction(): Promise<void> {
  const result = await closeSession()
  if (!result.ok) throw new Error(result.error.message)
  redirect('/sign-in')
}

function text(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}
