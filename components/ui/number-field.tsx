'use client'

import { classNames } from './class-names.ts'
import { TextField, type TextFieldProps } from './text-field.tsx'

/**
 * A whole number as text. Not `type="number"`: the browser would drop what it cannot parse, and the person would see
 * an empty box instead of what they typed. The schema decides what is a number.
 */
export function NumberField({ inputClassName, ...rest }: Omit<TextFieldProps, 'type' | 'inputMode'>) {
  return (
    <TextField
      autoComplete="off"
      {...rest}
      inputMode="numeric"
      inputClassName={classNames('w-28 text-right tabular-nums', inputClassName)}
    />
  )
}
