'use client'

import { useActionState, useEffect, useRef } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { signInAction } from '#lib/actions/session.ts'
import { errorAt } from './error-at.ts'

/**
 * Email and password. It works without scripts; with them, what is wrong is announced and the focus goes where it can
 * be mended. The email stays as typed, the password never comes back.
 */
export function SignInForm({ next }: { next: string }) {
  const [{ email, error }, action, pending] = useActionState(signInAction, { email: '', error: null })
  const form = useRef<HTMLFormElement>(null)
  const emailError = errorAt(error, 'email')
  const passwordError = errorAt(error, 'password')

  useEffect(() => {
    if (!error) return
    const field = errorAt(error, 'email') ? 'email' : 'password'
    form.current?.querySelector<HTMLInputElement>(`input[name=${field}]`)?.focus()
  }, [error])

  return (
    <form ref={form} action={action} noValidate className="flex flex-col gap-4">
      {error && !emailError && !passwordError && (
        <Callout tone="danger" role="alert">
          {error.message}
          {error.kind === 'unexpected' && (
            <p className="text-sm text-dim">
              Request ID <code className="font-mono select-all">{error.requestId}</code>
            </p>
          )}
        </Callout>
      )}
      <input type="hidden" name="next" value={next} />
      <TextField
        key={email}
        label="Email"
        type="email"
        name="email"
        defaultValue={email}
        error={emailError}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus={email === ''}
        required
      />
      <TextField
        label="Password"
        type="password"
        name="password"
        error={passwordError}
        autoComplete="current-password"
        required
      />
      <Button type="submit" variant="primary" pending={pending} className="w-full">
        Sign in
      </Button>
    </form>
  )
}
