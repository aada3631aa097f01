'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useLayoutEffect, useRef, useState, useTransition } from 'react'
import { ActionForm } from '#components/form/action-form.tsx'
import { FormSegmented, FormSelect, FormTextField } from '#components/form/fields.tsx'
import { useActionForm } from '#components/form/use-action-form.ts'
import { announce } from '#components/ui/announcement.ts'
import { Button } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { Card } from '#components/ui/card.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { WhenReady } from '#components/ui/when-ready.tsx'
import { createKeyAction } from '#lib/actions/keys.ts'
import { createKeyInput } from '#lib/kms/model/inputs/create-key.ts'
import { isKeySpec, type KeySpec, keySpecs, noteOf, usagesOf } from '#lib/kms/model/key-spec.ts'
import { keyStates } from '#lib/kms/model/key-state.ts'
import type { CreateFormView, KeyView } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'
import { AdvancedSettings } from './advanced-settings.tsx'
import { algorithmGroups, fitToSpec, usageWords } from './key-kind.ts'

type Input = Parameters<typeof createKeyAction>[0]

/**
 * The Create Key form.
 *
 * @param back address of the list it came from, for Cancel.
 */
export function CreateKeyForm({ view, back }: { view: CreateFormView; back: string }) {
  const router = useRouter()
  const [leaving, startLeaving] = useTransition()
  const [usedUp, setUsedUp] = useState(false)
  const [notes, setNotes] = useState<{ usage: string | null; origin: string | null }>({
    usage: null,
    origin: null,
  })

  async function create(input: Input) {
    const result = await createKeyAction(input)
    setUsedUp(!result.ok && result.error.code === 'idempotencyMismatch')
    return result
  }

  function showInList(key: KeyView) {
    announce(
      key.state === '5'
        ? `Key ${key.name} created: ${keyStates[5].word} until its key material is imported`
        : `Key ${key.name} created`,
    )
    // Newest first and without a filter, so that the new key is in view.
    startLeaving(() => router.push(routes.keys(view.projectId)))
  }

  const action = useActionForm({
    schema: createKeyInput,
    action: create,
    defaultValues: {
      projectId: view.projectId,
      idempotencyKey: view.idempotencyKey,
      name: view.suggestedName,
      spec: 'AES_256',
      usage: 'ENCRYPT_DECRYPT',
      origin: 'kms',
      enterpriseProjectId: view.enterpriseProjects[0]?.id ?? '0',
      description: '',
      tags: [],
    },
    onDone: showInList,
    keepAs: `create-key.${view.projectId}`,
  })
  const { form, pending } = action
  const [spec, usage, origin] = form.watch(['spec', 'usage', 'origin'])
  const shownSpec: KeySpec = isKeySpec(spec) ? spec : 'AES_256'
  const usages = usagesOf(shownSpec)
  const { importable } = keySpecs[shownSpec]
  const note = noteOf(shownSpec)

  // A fresh idempotency key arrives with the page that was asked for again; what was typed stays.
  useEffect(() => {
    if (!usedUp || form.getValues('idempotencyKey') === view.idempotencyKey) return
    form.setValue('idempotencyKey', view.idempotencyKey)
    setUsedUp(false)
    void action.submit()
  })

  // Whichever way the algorithm changes, by hand or taken over from before the scripts were there.
  const fittedTo = useRef<KeySpec>('AES_256')
  useLayoutEffect(() => {
    const follow = (picked: string) => {
      if (!isKeySpec(picked) || picked === fittedTo.current) return
      const chosen = { usage: form.getValues('usage'), origin: form.getValues('origin') }
      const fitted = fitToSpec({ spec: fittedTo.current, ...chosen }, picked)
      fittedTo.current = picked
      form.setValue('usage', fitted.usage, { shouldValidate: form.formState.isSubmitted })
      form.setValue('origin', fitted.origin, { shouldValidate: form.formState.isSubmitted })
      setNotes({ usage: fitted.usageNote, origin: fitted.originNote })
    }
    return form.subscribe({ formState: { values: true }, callback: ({ values }) => follow(values.spec) })
  }, [form])

  return (
    // What is focused must not hide behind the bar of buttons.
    <ActionForm
      form={action}
      label="Create Key"
      className="[&_:is(input,select,textarea,button)]:scroll-mb-20"
    >
      {usedUp && (
        <Callout
          tone="info"
          actions={<Button onClick={() => router.refresh()}>Create another key with these values</Button>}
        >
          The key that this form created first is in the list. What you typed is still here.
        </Callout>
      )}
      <Card title="Basic information">
        <FormTextField
          name="name"
          label="Name"
          hint="Letters, digits, and _ - : /. Up to 255 characters, unique in the project."
          autoComplete="off"
          spellCheck={false}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <FormSelect
            name="spec"
            label="Key Algorithm"
            hint={keySpecs[shownSpec].description}
            options={algorithmGroups}
          />
          <FormSelect
            name="usage"
            label="Usage"
            hint={usageWords[usage]}
            options={usages.map((value) => ({ value, label: value }))}
            disabled={usages.length === 1}
            onChange={() => setNotes((before) => ({ ...before, usage: null }))}
          />
        </div>
        <div role="status" className="-mt-2 text-sm text-dim empty:hidden">
          {notes.usage && <p>Usage: {notes.usage}</p>}
          {note && <p>{note}</p>}
        </div>
        {view.enterpriseProjects.length > 1 && (
          <FormSelect
            name="enterpriseProjectId"
            label="Enterprise Project"
            className="sm:max-w-[calc(50%-0.5rem)]"
            options={view.enterpriseProjects.map(({ id, name }) => ({ value: id, label: name }))}
          />
        )}
      </Card>
      <Card title="Key material">
        <FormSegmented
          name="origin"
          label="Key Material Source"
          options={[
            { value: 'kms', label: 'Key management' },
            { value: 'external', label: 'External', disabled: !importable },
          ]}
          onChange={() => setNotes((before) => ({ ...before, origin: null }))}
        />
        <div role="status" className="-mt-2 text-sm text-dim">
          {notes.origin ??
            (origin === 'external'
              ? 'The key waits as Pending import, unusable, until you import your own key material.'
              : importable
                ? 'Keystead makes the key material. It never leaves Keystead, and the key is Enabled at once.'
                : `Keystead makes the key material. ${shownSpec} cannot use external key material.`)}
        </div>
      </Card>
      <Card>
        <AdvancedSettings />
      </Card>
      <div className="sticky bottom-0 flex justify-end gap-2 border-t border-line bg-canvas py-3">
        <LinkButton href={back}>Cancel</LinkButton>
        <WhenReady>
          <Button type="submit" variant="primary" pending={pending || leaving} reason={view.createRefusal}>
            OK
          </Button>
        </WhenReady>
      </div>
    </ActionForm>
  )
}
