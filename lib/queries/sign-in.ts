import { readContext } from '#lib/auth/context.ts'
import { homePage, ownPage } from '#lib/auth/next-page.ts'
import { newRequestId } from '#lib/auth/request-id.ts'
import { readService } from '#lib/auth/service.ts'
import { awaitsSetUp } from '#lib/kms/access/set-up.ts'

/** Where the sign-in page leads, and whether its reader is in already. */
export async function readSignIn(next: string | null): Promise<{ page: string; signedIn: boolean }> {
  const ctx = await readContext(newRequestId())
  return { page: ownPage(next) ?? homePage, signedIn: ctx !== null }
}

/** Whether Keystead still waits for its first administrator. */
export async function readAwaitsSetUp(): Promise<boolean> {
  return awaitsSetUp((await readService()).db)
}
