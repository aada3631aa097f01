import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { PlainPage } from '#components/shell/plain-page.tsx'
import { SignInForm } from '#components/sign-in/sign-in-form.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { readSignIn } from '#lib/queries/sign-in.ts'

// A form that is posted without scripts names its origin only under this policy; other sites are told nothing.
export const metadata: Metadata = { referrer: 'same-origin' }

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<{ next?: string | string[] }>
}) {
  const { next } = await searchParams
  const { page, signedIn, awaitsSetUp } = await readSignIn(typeof next === 'string' ? next : null)
  if (signedIn) redirect(page)
  return (
    <PlainPage title="Sign in">
      {awaitsSetUp && (
        <Callout tone="info">
          Nobody can sign in yet: open the set-up link that the start of Keystead has printed.
        </Callout>
      )}
      <SignInForm next={page} />
    </PlainPage>
  )
}
