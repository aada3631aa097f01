'use client'

import { standardSchemaResolver } from '@hookform/resolvers/standard-schema'
import { unstable_rethrow } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { type DefaultValues, type FieldValues, type Path, type UseFormReturn, useForm } from 'react-hook-form'
import type { z } from 'zod'
import type { ActionError, ActionResult } from '#lib/actions/result.ts'
import { type ActionProblem, problemOfCall } from './action-problem.ts'
import { keepValues, takeKeptValues } from './kept-values.ts'

export type ActionFormOptions<Input extends FieldValues, Output, Data> = {
  /** The schema the action parses with; the browser uses it first. */
  schema: z.ZodType<Output, Input>
  action: (input: Input) => Promise<ActionResult<Data>>
  defaultValues: DefaultValues<Input>
  /** The action succeeded. The form stays pending until this has finished. */
  onDone: (data: Data) => void | Promise<void>
  /**
   * Names the form, so that what was typed survives the reload that a new version of Keystead asks for. Leave it out
   * for a form with passwords or key material.
   */
  keepAs?: string
}

export type ActionForm<Input extends FieldValues> = {
  form: UseFormReturn<Input>
  /** For onSubmit, and for "Try again". */
  submit: () => Promise<void>
  pending: boolean
  /** What is wrong with the whole; what is wrong with a field stands at the field. */
  problem: ActionProblem | null
  /** Reloads the page and puts the typed values back in. Undefined without `keepAs`. */
  reload: (() => void) | undefined
  /** True after such a reload. */
  restored: boolean
}

/**
 * A form on a server action. The schema is checked in the browser, then by the action; errors about a field appear at
 * the field and the first one gets the focus. Whatever happens to the call (signed out, no network, a new version of
 * Keystead), the typed values stay.
 */
export function useActionForm<Input extends FieldValues, Output, Data>({
  schema,
  action,
  defaultValues,
  onDone,
  keepAs,
}: ActionFormOptions<Input, Output, Data>): ActionForm<Input> {
  const form = useForm<Input, unknown, Output>({
    resolver: standardSchemaResolver(schema),
    defaultValues,
    mode: 'onSubmit',
    reValidateMode: 'onChange',
  })
  const [problem, setProblem] = useState<ActionProblem | null>(null)
  const [pending, setPending] = useState(false)
  const [restored, setRestored] = useState(false)
  const running = useRef(false)

  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the form opens
  useEffect(() => {
    const kept = keepAs && takeKeptValues(keepAs)
    if (!kept || typeof kept !== 'object') return
    form.reset({ ...form.getValues(), ...kept }, { keepDefaultValues: true })
    setRestored(true)
  }, [])

  function showAtFields({ field, fields, message }: ActionError): boolean {
    const messages = fields ?? (field ? [{ field, message }] : [])
    const known = messages.filter((one) => has(form.getValues(), one.field))
    for (const [at, one] of known.entries()) {
      const name = one.field as Path<Input>
      form.setError(name, { type: 'server', message: one.message }, { shouldFocus: at === 0 })
    }
    return known.length > 0 && known.length === messages.length
  }

  async function send() {
    const input = form.getValues()
    setProblem(null)
    try {
      const result = await action(input)
      if (result.ok) {
        await onDone(result.data)
      } else if (!showAtFields(result.error)) {
        const { kind, message, requestId } = result.error
        setProblem({ kind, message, requestId })
      }
    } catch (error) {
      unstable_rethrow(error)
      setProblem(problemOfCall(error))
    }
  }

  async function submit() {
    // A second press while the first is under way must not send the form twice.
    if (running.current) return
    running.current = true
    setPending(true)
    try {
      await form.handleSubmit(send)()
    } finally {
      running.current = false
      setPending(false)
    }
  }

  return {
    form: form as unknown as UseFormReturn<Input>,
    submit,
    pending,
    problem,
    reload: keepAs
      ? () => {
          keepValues(keepAs, form.getValues())
          window.location.reload()
        }
      : undefined,
    restored,
  }
}

function has(values: unknown, path: string): boolean {
  let at: unknown = values
  for (const step of path.split('.')) {
    if (typeof at !== 'object' || at === null || !(step in at)) return false
    at = (at as Record<string, unknown>)[step]
  }
  return true
}
