'use client'

import { type ComponentProps, type ReactNode, useId } from 'react'
import { classNames } from './class-names.ts'
import { describedBy, Field, type FieldTexts, inputLook } from './field.tsx'

export type TextFieldProps = FieldTexts &
  Omit<ComponentProps<'input'>, 'size'> & {
    /** Identifiers and codes. */
    mono?: boolean
    /** Behind the box, on the same line: a button, a unit. */
    trailing?: ReactNode
    /** Classes of the box itself, for its width. */
    inputClassName?: string
  }

/** One line of text. Whatever was typed stays typed, right or wrong. */
export function TextField({
  label,
  hint,
  error,
  optional,
  mono,
  trailing,
  className,
  inputClassName,
  id: givenId,
  ...rest
}: TextFieldProps) {
  const ownId = useId()
  const id = givenId ?? ownId
  return (
    <Field {...{ id, label, hint, error, className }} {...(optional ? { optional } : {})}>
      <div className="flex items-center gap-2">
        <input
          type="text"
          {...rest}
          id={id}
          className={inputLook(
            Boolean(error),
            classNames(mono && 'font-mono text-sm', inputClassName ?? 'w-full'),
          )}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id, { hint, error })}
        />
        {trailing}
      </div>
    </Field>
  )
}
