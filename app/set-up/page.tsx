import { PlainPage } from '#components/shell/plain-page.tsx'
import { SetUpForm } from '#components/sign-in/set-up-form.tsx'
import { TextLink } from '#components/ui/text-link.tsx'
import { readAwaitsSetUp } from '#lib/queries/sign-in.ts'

export default async function SetUpPage() {
  if (!(await readAwaitsSetUp())) {
    return (
      <PlainPage title="Keystead is set up" description="It has an administrator already.">
        <p>
          <TextLink href="/sign-in">Go to sign-in</TextLink>, or ask an administrator to add you.
        </p>
      </PlainPage>
    )
  }
  return (
    <PlainPage title="Set up Keystead" description="Make the first administrator. You can add others later.">
      <SetUpForm />
    </PlainPage>
  )
}
