'use client'

import type { ReactNode } from 'react'
import { useController } from 'react-hook-form'
import { Checkbox, type CheckboxProps } from '#components/ui/checkbox.tsx'
import { FieldError } from '#components/ui/field.tsx'
import { NumberField } from '#components/ui/number-field.tsx'
import { Segmented, type SegmentedProps } from '#components/ui/segmented.tsx'
import { Select, type SelectProps } from '#components/ui/select.tsx'
import { TextArea, type TextAreaProps } from '#components/ui/text-area.tsx'
import { TextField, type TextFieldProps } from '#components/ui/text-field.tsx'

/* Each field here is its namesake of components/ui, tied by `name` to the form around it. */

type Bound = 'name' | 'value' | 'defaultValue' | 'error'
type Named = { name: string }

function useBound(name: string) {
  const { field, fieldState } = useController({ name })
  return { field, error: fieldState.error?.message }
}

export function FormTextField({ name, onChange, ...rest }: Omit<TextFieldProps, Bound> & Named) {
  const { field, error } = useBound(name)
  return (
    <TextField
      {...rest}
      {...field}
      value={field.value ?? ''}
      error={error}
      onChange={(event) => {
        field.onChange(event)
        onChange?.(event)
      }}
    />
  )
}

export function FormNumberField({ name, ...rest }: Omit<TextFieldProps, Bound> & Named) {
  const { field, error } = useBound(name)
  return <NumberField {...rest} {...field} value={field.value ?? ''} error={error} />
}

export function FormTextArea({ name, ...rest }: Omit<TextAreaProps, Bound> & Named) {
  const { field, error } = useBound(name)
  return <TextArea {...rest} {...field} value={field.value ?? ''} error={error} />
}

export function FormSelect({ name, onChange, ...rest }: Omit<SelectProps, Bound> & Named) {
  const { field, error } = useBound(name)
  return (
    <Select
      {...rest}
      {...field}
      value={field.value ?? ''}
      error={error}
      onChange={(event) => {
        field.onChange(event)
        onChange?.(event)
      }}
    />
  )
}

export function FormSegmented<Value extends string>({
  name,
  onChange,
  ...rest
}: Omit<SegmentedProps<Value>, Bound | 'onChange' | 'onBlur'> &
  Named & { onChange?: (value: Value) => void }) {
  const { field, error } = useBound(name)
  return (
    <Segmented<Value>
      {...rest}
      name={name}
      value={field.value}
      error={error}
      onBlur={field.onBlur}
      onChange={(value) => {
        field.onChange(value)
        onChange?.(value)
      }}
    />
  )
}

export function FormCheckbox({
  name,
  children,
  ...rest
}: Omit<CheckboxProps, Bound | 'checked'> & Named & { children?: ReactNode }) {
  const { field, error } = useBound(name)
  const { value, ...bound } = field
  const errorId = `${name}-error`
  return (
    <div className="flex flex-col gap-1">
      <Checkbox
        {...rest}
        {...bound}
        checked={Boolean(value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? errorId : undefined}
      >
        {children}
      </Checkbox>
      {error && <FieldError id={errorId}>{error}</FieldError>}
    </div>
  )
}
