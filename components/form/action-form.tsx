'use client'

import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { type FieldValues, FormProvider } from 'react-hook-form'
import { Button } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { classNames } from '#components/ui/class-names.ts'
import { takeTypedBefore } from './typed-before.ts'
import type { ActionForm as Form } from './use-action-form.ts'

const SignInDialog = lazy(() => import('#components/sign-in/sign-in-dialog.tsx'))

/** The <form> of useActionForm: what is wrong with the whole at the top, then the fields. */
export function ActionForm<Input extends FieldValues>({
  form: action,
  id,
  label,
  className,
  children,
}: {
  form: Form<Input>
  /** For a button outside the form: form={id}. */
  id?: string
  label?: string
  className?: string
  children: ReactNode
}) {
  const element = useRef<HTMLFormElement>(null)
  const taken = useRef(false)
  const { form } = action

  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the scripts arrive
  useEffect(() => {
    if (element.current && !taken.current) takeTypedBefore(element.current, form)
    // Once: later the screen follows the form, not the other way round.
    taken.current = true
  }, [])

  return (
    <FormProvider {...form}>
      <form
        ref={element}
        id={id}
        aria-label={label}
        // Pressed before the scripts are there, the browser must not put what was typed into the address.
        method="post"
        noValidate
        className={classNames('flex flex-col gap-4', className)}
        onSubmit={(event) => {
          event.preventDefault()
          event.stopPropagation()
          void action.submit()
        }}
      >
        {action.restored && !action.problem && (
          <Callout tone="info" role="status">
            Keystead was updated. What you typed is back in the form, and nothing has been done yet.
          </Callout>
        )}
        <FormProblem form={action} />
        {children}
      </form>
    </FormProvider>
  )
}

/** Why the form as a whole was not accepted, and what to do now. It takes the focus when it appears. */
export function FormProblem<Input extends FieldValues>({ form }: { form: Form<Input> }) {
  const { problem, reload, submit, pending } = form
  const box = useRef<HTMLDivElement>(null)
  const [signingIn, setSigningIn] = useState(false)
  useEffect(() => {
    if (problem) box.current?.focus()
  }, [problem])
  if (!problem) return null

  async function signedIn() {
    setSigningIn(false)
    await submit()
  }

  const again = (
    <Button pending={pending} onClick={submit}>
      Try again
    </Button>
  )
  return (
    <Callout
      ref={box}
      tone={problem.kind === 'signed-out' || problem.kind === 'updated' ? 'warning' : 'danger'}
      role="alert"
      title={problem.message}
      actions={
        problem.kind === 'signed-out' ? (
          <>
            <Button onClick={() => setSigningIn(true)}>Sign in</Button>
            {again}
          </>
        ) : problem.kind === 'updated' ? (
          <Button onClick={reload ?? (() => window.location.reload())}>
            {reload ? 'Reload and keep what I typed' : 'Reload the page'}
          </Button>
        ) : problem.kind === 'unreachable' ? (
          again
        ) : null
      }
    >
      {signingIn && (
        <Suspense fallback={null}>
          <SignInDialog onClose={() => setSigningIn(false)} onSignedIn={signedIn} />
        </Suspense>
      )}
      {problem.requestId && problem.kind === 'unexpected' && (
        <p className="text-sm text-dim">
          Request ID <code className="font-mono select-all">{problem.requestId}</code>
        </p>
      )}
    </Callout>
  )
}
