'use client'

import { ChevronDown } from 'lucide-react'
import { type ComponentProps, useId } from 'react'
import { classNames } from './class-names.ts'
import { describedBy, Field, type FieldTexts, inputLook } from './field.tsx'

export type SelectOption = { value: string; label: string; disabled?: boolean }
/** Options under one heading. */
export type SelectGroup = { label: string; options: readonly SelectOption[] }

export type SelectProps = FieldTexts &
  Omit<ComponentProps<'select'>, 'children' | 'multiple' | 'size'> & {
    options: readonly (SelectOption | SelectGroup)[]
    /** First entry with the empty value, when nothing is chosen yet. */
    placeholder?: string
    mono?: boolean
  }

/**
 * A list to pick one from: the browser's own, so that its name is exactly the label, every keyboard and phone knows
 * how to use it, and it costs no script.
 */
export function Select({
  label,
  hint,
  error,
  optional,
  options,
  placeholder,
  mono,
  className,
  id: givenId,
  ...rest
}: SelectProps) {
  const ownId = useId()
  const id = givenId ?? ownId
  return (
    <Field {...{ id, label, hint, error, className }} {...(optional ? { optional } : {})}>
      <div className="relative">
        <select
          {...rest}
          id={id}
          className={inputLook(
            Boolean(error),
            classNames('w-full appearance-none pr-8', mono && 'font-mono text-sm'),
          )}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id, { hint, error })}
        >
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {options.map((entry) =>
            'options' in entry ? (
              <optgroup key={entry.label} label={entry.label}>
                {entry.options.map(toOption)}
              </optgroup>
            ) : (
              toOption(entry)
            ),
          )}
        </select>
        <ChevronDown
          size={16}
          className="pointer-events-none absolute top-2 right-2 text-dim"
          aria-hidden="true"
        />
      </div>
    </Field>
  )
}

function toOption({ value, label, disabled }: SelectOption) {
  return (
    <option key={value} value={value} disabled={disabled}>
      {label}
    </option>
  )
}
