import { PlainPage } from '#components/shell/plain-page.tsx'
import { SetPasswordForm } from '#components/sign-in/set-password-form.tsx'

export default function LinkPage() {
  return (
    <PlainPage
      title="Set your password"
      description="The link works once. Using it signs you out everywhere else."
    >
      <SetPasswordForm />
    </PlainPage>
  )
}
