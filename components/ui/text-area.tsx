'use client'

import { type ChangeEvent, type ComponentProps, useId, useState } from 'react'
import { formatCount } from '#lib/format/count.ts'
import { codePoints } from '#lib/kms/model/limits.ts'
import { classNames } from './class-names.ts'
import { describedBy, Field, type FieldTexts, inputLook } from './field.tsx'

export type TextAreaProps = FieldTexts &
  Omit<ComponentProps<'textarea'>, 'maxLength'> & {
    /** Shows a counter, in code points as the rules count. More can be typed; the schema refuses it. */
    max?: number
    mono?: boolean
  }

/** Several lines of text, with a counter when there is a limit. */
export function TextArea({
  label,
  hint,
  error,
  optional,
  max,
  mono,
  className,
  id: givenId,
  onChange,
  ...rest
}: TextAreaProps) {
  const ownId = useId()
  const id = givenId ?? ownId
  const [typed, setTyped] = useState(String(rest.defaultValue ?? ''))
  const length = codePoints(rest.value === undefined ? typed : String(rest.value))
  const counter = max !== undefined && (
    <span
      id={`${id}-count`}
      className={classNames('text-xs tabular-nums', length > max ? 'font-medium text-danger' : 'text-dim')}
    >
      {formatCount(length)}/{formatCount(max)}
    </span>
  )

  function change(event: ChangeEvent<HTMLTextAreaElement>) {
    setTyped(event.target.value)
    onChange?.(event)
  }

  return (
    <Field {...{ id, label, hint, error, className, counter }} {...(optional ? { optional } : {})}>
      <textarea
        rows={3}
        {...rest}
        id={id}
        onChange={change}
        className={inputLook(
          Boolean(error),
          classNames('h-auto! min-h-16 w-full py-1.5', mono && 'font-mono text-sm'),
        )}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, { hint, error }, max !== undefined && `${id}-count`)}
      />
    </Field>
  )
}
