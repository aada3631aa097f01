'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useTransition } from 'react'
import { ActionForm } from '#components/form/action-form.tsx'
import { FormTextField } from '#components/form/fields.tsx'
import { useActionForm } from '#components/form/use-action-form.ts'
import { Button } from '#components/ui/button.tsx'
import { WhenReady } from '#components/ui/when-ready.tsx'
import { setUpAction } from '#lib/actions/set-up.ts'
import { setUpInput } from '#lib/kms/model/inputs/credentials.ts'
import { isLinkToken } from './is-link-token.ts'
import { LinkProblem } from './link-problem.tsx'
import { passwordHint } from './password-hint.ts'
import { useFragment } from './use-fragment.ts'

/** Makes the first administrator; the token of the set-up link comes from the address's fragment. */
export function SetUpForm() {
  const token = useFragment()
  if (token !== null && !isLinkToken(token)) {
    return <LinkProblem>Open the whole set-up link that the start of Keystead has printed.</LinkProblem>
  }
  return <Fields token={token ?? ''} />
}

function Fields({ token }: { token: string }) {
  const router = useRouter()
  const [leaving, startLeaving] = useTransition()
  const action = useActionForm({
    schema: setUpInput,
    action: setUpAction,
    defaultValues: { token, email: '', password: '' },
    onDone: () => startLeaving(() => router.replace('/keys')),
  })
  const { setValue } = action.form
  // A form of its own for each token would lose what was typed before the scripts were there and could read it.
  useEffect(() => setValue('token', token), [setValue, token])
  return (
    <ActionForm form={action}>
      <FormTextField
        name="email"
        label="Email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
      />
      <FormTextField
        name="password"
        label="Password"
        type="password"
        hint={passwordHint}
        autoComplete="new-password"
      />
      <WhenReady>
        <Button type="submit" variant="primary" pending={action.pending || leaving} className="w-full">
          Create administrator
        </Button>
      </WhenReady>
    </ActionForm>
  )
}
