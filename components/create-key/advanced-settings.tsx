'use client'

import { ChevronRight } from 'lucide-react'
import { useId, useState } from 'react'
import { useFormContext } from 'react-hook-form'
import { FormTextArea } from '#components/form/fields.tsx'
import { classNames } from '#components/ui/class-names.ts'
import { WhenReady } from '#components/ui/when-ready.tsx'
import { limits } from '#lib/kms/model/limits.ts'
import { TagFields } from './tag-fields.tsx'

/** Description and tags, folded away; they unfold by themselves when one of them has an error. */
export function AdvancedSettings() {
  const { formState } = useFormContext()
  const [unfolded, setUnfolded] = useState(false)
  const id = useId()
  const invalid = Boolean(formState.errors.description ?? formState.errors.tags)
  const open = unfolded || invalid

  return (
    <div>
      <h2>
        <WhenReady>
          <button
            type="button"
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setUnfolded(!open)}
            className="-ml-1 inline-flex min-h-8 items-center gap-1 rounded-md pr-2 text-lg font-semibold text-strong"
          >
            <ChevronRight
              size={16}
              className={classNames('text-dim transition-transform', open && 'rotate-90')}
              aria-hidden="true"
            />
            Advanced settings
          </button>
        </WhenReady>
      </h2>
      <div id={id} hidden={!open}>
        <div className="flex flex-col gap-4 pt-3">
          <FormTextArea name="description" label="Description" optional max={limits.keyDescriptionMax} />
          <TagFields />
        </div>
      </div>
    </div>
  )
}
