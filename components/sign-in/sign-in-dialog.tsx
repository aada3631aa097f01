'use client'

import { ActionForm } from '#components/form/action-form.tsx'
import { FormTextField } from '#components/form/fields.tsx'
import { useActionForm } from '#components/form/use-action-form.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { signInHereAction } from '#lib/actions/session.ts'
import { signInInput } from '#lib/kms/model/inputs/credentials.ts'

/** Signs in over a form whose session ended, which stays as it is underneath. */
export default function SignInDialog({
  onClose,
  onSignedIn,
}: {
  onClose: () => void
  onSignedIn: () => void | Promise<void>
}) {
  const action = useActionForm({
    schema: signInInput,
    action: signInHereAction,
    defaultValues: { email: '', password: '' },
    onDone: onSignedIn,
  })
  return (
    <Dialog isOpen onClose={onClose} title="Sign in" width="narrow" pending={action.pending}>
      <ActionForm form={action} label="Sign in">
        <p className="text-text">After signing in, what you entered is sent again.</p>
        <FormTextField
          name="email"
          label="Email"
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
        />
        <FormTextField name="password" label="Password" type="password" autoComplete="current-password" />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={action.pending}>
            Sign in
          </Button>
        </div>
      </ActionForm>
    </Dialog>
  )
}
