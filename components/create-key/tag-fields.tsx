'use client'

import { Plus } from 'lucide-react'
import { useEffect, useId, useRef } from 'react'
import { useFieldArray, useWatch } from 'react-hook-form'
import { FormTextField } from '#components/form/fields.tsx'
import { Button } from '#components/ui/button.tsx'
import { plural } from '#lib/format/count.ts'
import { limits } from '#lib/kms/model/limits.ts'

type Tags = { tags: { key: string; value: string }[] }

/** The tags of a new key: one row each, and how many more can be added. */
export function TagFields() {
  const id = useId()
  const addButton = useRef<HTMLButtonElement>(null)
  const rows = useRef<HTMLDivElement>(null)
  const focusRow = useRef<number | null>(null)
  const { fields, append, remove } = useFieldArray<Tags, 'tags'>({ name: 'tags' })
  const typed = useWatch<Tags, 'tags'>({ name: 'tags' })
  const left = limits.tagsPerKeyMax - fields.length

  // After Delete the focus goes to the row that moved up, or to Add Tag: never back to the top of the page.
  useEffect(() => {
    if (focusRow.current === null) return
    const inputs = rows.current?.querySelectorAll<HTMLInputElement>('input[name$=".key"]')
    const target = inputs?.[Math.min(focusRow.current, fields.length - 1)] ?? addButton.current
    focusRow.current = null
    target?.focus()
  }, [fields.length])

  function deleteRow(at: number) {
    focusRow.current = at
    remove(at)
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot share its line with "(Optional)"
    <div role="group" aria-labelledby={`${id}-label`} aria-describedby={`${id}-left`}>
      <div className="flex items-baseline gap-1.5">
        <span id={`${id}-label`} className="font-medium text-strong">
          Tag
        </span>
        <span className="text-xs text-dim">(Optional)</span>
      </div>
      <p className="text-sm text-dim">
        Letters, digits, spaces, and _ . : / = + - @. A key can have up to {limits.tagsPerKeyMax} tags.
      </p>
      <div ref={rows} className="mt-2 flex flex-col gap-2 max-sm:gap-4">
        {fields.map((field, at) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border box that breaks the grid
          <div
            key={field.id}
            role="group"
            aria-label={`Tag ${at + 1}`}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-2 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
          >
            <FormTextField
              name={`tags.${at}.key`}
              label="Tag key"
              className={at === 0 ? '' : 'sm:[&>:first-child]:sr-only'}
              autoComplete="off"
              spellCheck={false}
            />
            <FormTextField
              name={`tags.${at}.value`}
              label="Tag value"
              className={
                at === 0
                  ? 'max-sm:col-start-1 max-sm:row-start-2'
                  : 'max-sm:col-start-1 max-sm:row-start-2 sm:[&>:first-child]:sr-only'
              }
              autoComplete="off"
              spellCheck={false}
              disabled={!typed?.[at]?.key}
            />
            <Button
              variant="quiet"
              className={at === 0 ? 'mt-6' : 'max-sm:mt-6'}
              onClick={() => deleteRow(at)}
            >
              Delete
            </Button>
          </div>
        ))}
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button
          ref={addButton}
          icon={<Plus size={16} aria-hidden="true" />}
          reason={left === 0 ? `A key can have at most ${limits.tagsPerKeyMax} tags.` : null}
          onClick={() => append({ key: '', value: '' })}
        >
          Add Tag
        </Button>
        <p id={`${id}-left`} className="text-sm text-dim" aria-live="polite">
          You can add {plural(left, 'more tag', 'more tags')}.
        </p>
      </div>
    </div>
  )
}
