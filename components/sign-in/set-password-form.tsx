'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState, useTransition } from 'react'
import { ActionForm } from '#components/form/action-form.tsx'
import { problemOfCall } from '#components/form/action-problem.ts'
import { FormTextField } from '#components/form/fields.tsx'
import { useActionForm } from '#components/form/use-action-form.ts'
import { Button } from '#components/ui/button.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { readLinkAction, setPasswordAction } from '#lib/actions/set-up.ts'
import { errorMessage } from '#lib/kms/model/errors.ts'
import { setPasswordInput } from '#lib/kms/model/inputs/credentials.ts'
import { isLinkToken } from './is-link-token.ts'
import { LinkProblem } from './link-problem.tsx'
import { passwordHint } from './password-hint.ts'
import { useFragment } from './use-fragment.ts'

type Known = { token: string } & ({ email: string } | { problem: string })

/** Sets a password with a one-time link, whose token comes from the address's fragment, and says for whom. */
export function SetPasswordForm() {
  const token = useFragment()
  const [known, setKnown] = useState<Known | null>(null)

  useEffect(() => {
    if (token === null || !isLinkToken(token)) return
    readLinkAction({ token }).then(
      (result) => setKnown({ token, ...(result.ok ? result.data : { problem: result.error.message }) }),
      (error) => setKnown({ token, problem: problemOfCall(error).message }),
    )
  }, [token])

  if (token !== null && !isLinkToken(token)) return <LinkProblem>{errorMessage('linkInvalid')}</LinkProblem>
  if (known === null || known.token !== token) {
    return (
      <div role="status" aria-label="Checking the link" className="flex flex-col gap-4">
        <Skeleton className="h-14" />
        <Skeleton className="h-20" />
        <Skeleton className="h-8" />
      </div>
    )
  }
  if ('problem' in known) return <LinkProblem>{known.problem}</LinkProblem>
  return <Fields key={token} token={token} email={known.email} />
}

function Fields({ token, email }: { token: string; email: string }) {
  const router = useRouter()
  const [leaving, startLeaving] = useTransition()
  const action = useActionForm({
    schema: setPasswordInput,
    action: setPasswordAction,
    defaultValues: { token, password: '' },
    onDone: () => startLeaving(() => router.replace('/keys')),
  })
  return (
    <ActionForm form={action}>
      <TextField label="Email" type="email" value={email} readOnly autoComplete="username" />
      <FormTextField
        name="password"
        label="Password"
        type="password"
        hint={passwordHint}
        autoComplete="new-password"
      />
      <Button type="submit" variant="primary" pending={action.pending || leaving} className="w-full">
        Set password and sign in
      </Button>
    </ActionForm>
  )
}
