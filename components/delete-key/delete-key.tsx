'use client'

import { useState } from 'react'
import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { ClosedPlan } from './closed-plan.tsx'
import { DeleteKeyForm } from './delete-key-form.tsx'

/**
 * The planned deletion as it was when the page opened. Applying it reads the page anew; without this the form would
 * give way to "submitted already" for the moment until the list is back.
 */
export function DeleteKey(drawn: { change: ChangeView; now: string; list: KeyListInput; back: string }) {
  const [{ change, now, list, back }] = useState(drawn)
  const open = change.status === 'planned' && change.mine && !change.expired
  return open ? (
    <DeleteKeyForm change={change} now={now} back={back} />
  ) : (
    <ClosedPlan change={change} list={list} back={back} />
  )
}
