import { readContext } from '#lib/auth/context.ts'
import { homePage, ownPage } from '#lib/auth/next-page.ts'
import { newRequestId } from '#lib/auth/request-id.ts'
import { readService } from '#lib/auth/service.ts'
import { awaitsSetUp } from '#lib/kms/access/set-up.ts'

export type SignInView = {
  /** Where to go afterwards. */
  page: string
  signedIn: boolean
  /** There is nobody yet who could sign in. */
  awaitsSetUp: boolean
}

/** What the sign-in page has to know. */
export async function readSignIn(next: string | null): Promise<SignInView> {
  const [ctx, awaits] = await Promise.all([readContext(newRequestId()), readAwaitsSetUp()])
  return { page: ownPage(next) ?? homePage, signedIn: ctx !== null, awaitsSetUp: awaits }
}

/** Whether Keystead still waits for its first administrator. */
export async function readAwaitsSetUp(): Promise<boolean> {
  return awaitsSetUp((await readService()).db)
}
