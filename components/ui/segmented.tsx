'use client'

import { type ReactNode, useId } from 'react'
import { classNames } from './class-names.ts'
import { FieldError } from './field.tsx'

export type SegmentedProps<Value extends string> = {
  /** The accessible name of the group. */
  label: string
  hint?: ReactNode
  error?: string | undefined
  /** Hide the label on screen (a toolbar); it stays the group's name. */
  hideLabel?: boolean
  /** Name of the form field. */
  name?: string
  value: Value
  onChange: (value: Value) => void
  onBlur?: () => void
  options: readonly { value: Value; label: string; icon?: ReactNode; disabled?: boolean }[]
  className?: string
}

/** One of a few, all in view: radio buttons drawn as one divided box. */
export function Segmented<Value extends string>({
  label,
  hint,
  error,
  hideLabel = false,
  name,
  value,
  onChange,
  onBlur,
  options,
  className,
}: SegmentedProps<Value>) {
  const id = useId()
  return (
    <div
      role="radiogroup"
      aria-labelledby={`${id}-label`}
      aria-describedby={classNames(error && `${id}-error`, Boolean(hint) && `${id}-hint`) || undefined}
      aria-invalid={error ? true : undefined}
      className={classNames('flex flex-col items-start gap-1', className)}
    >
      <span id={`${id}-label`} className={hideLabel ? 'sr-only' : 'font-medium text-strong'}>
        {label}
      </span>
      {hint && (
        <div id={`${id}-hint`} className="text-sm text-dim">
          {hint}
        </div>
      )}
      <div className="inline-flex max-w-full flex-wrap rounded-md border border-control bg-surface">
        {options.map((option, at) => (
          <label
            key={option.value}
            data-tooltip={hideLabel && option.icon ? option.label : undefined}
            className={classNames(
              'relative -my-px inline-flex h-8 cursor-pointer items-center gap-1.5 border border-transparent px-3 font-medium text-text first:-ml-px last:-mr-px',
              at === 0 && 'rounded-l-md',
              at === options.length - 1 && 'rounded-r-md',
              'hover:text-strong has-checked:z-1 has-checked:border-accent-line has-checked:bg-accent-tint has-checked:text-accent',
              'has-disabled:cursor-not-allowed has-disabled:text-disabled has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent-line',
              hideLabel && Boolean(option.icon) && 'px-2!',
            )}
          >
            <input
              type="radio"
              className="absolute inset-0 size-full cursor-pointer appearance-none opacity-0 disabled:cursor-not-allowed"
              name={name ?? id}
              value={option.value}
              checked={option.value === value}
              disabled={option.disabled}
              onChange={() => onChange(option.value)}
              onBlur={onBlur}
            />
            {option.icon}
            <span className={hideLabel && option.icon ? 'sr-only' : undefined}>{option.label}</span>
          </label>
        ))}
      </div>
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  )
}
