'use client'

import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './class-names.ts'

export type CheckboxProps = Omit<ComponentProps<'input'>, 'type' | 'children'> & {
  /** The accessible name. */
  label: string
  /** Show the box alone; the name goes to aria-label. */
  hideLabel?: boolean
  /** Shown as a dash: some, not all. */
  indeterminate?: boolean
  /** Richer content to show in place of the label's text (its words must be the same). */
  children?: ReactNode
}

/** A check box: the browser's own, drawn by us. Its target is at least 24 × 24 pixels. */
export function Checkbox({
  label,
  hideLabel = false,
  indeterminate = false,
  className,
  children,
  ref,
  ...rest
}: CheckboxProps) {
  return (
    <label
      className={classNames(
        'group relative inline-flex min-h-6 items-start gap-2',
        hideLabel ? 'w-6 justify-center' : 'py-0.5',
        className,
      )}
    >
      <span className={classNames('relative flex size-4 shrink-0', hideLabel ? 'mt-1' : 'mt-0.5')}>
        <input
          {...rest}
          type="checkbox"
          aria-label={hideLabel ? label : undefined}
          ref={(element) => {
            if (element) element.indeterminate = indeterminate
            if (typeof ref === 'function') ref(element)
            else if (ref) ref.current = element
          }}
          className="peer size-4 shrink-0 cursor-pointer appearance-none rounded-sm border border-control bg-surface checked:border-accent-fill checked:bg-accent-fill indeterminate:border-accent-fill indeterminate:bg-accent-fill disabled:cursor-not-allowed disabled:border-line-strong disabled:bg-sunken aria-invalid:border-danger-line"
        />
        <svg
          viewBox="0 0 16 16"
          className="pointer-events-none absolute inset-0 hidden text-on-fill peer-checked:block peer-indeterminate:hidden peer-disabled:text-disabled"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          aria-hidden="true"
        >
          <path d="m4 8.2 2.8 2.8L12 5.4" strokeLinecap="round" strokeLinejoin="round" />
        </svg>
        <svg
          viewBox="0 0 16 16"
          className="pointer-events-none absolute inset-0 hidden text-on-fill peer-indeterminate:block"
          stroke="currentColor"
          strokeWidth="2"
          aria-hidden="true"
        >
          <path d="M4.5 8h7" strokeLinecap="round" />
        </svg>
      </span>
      {!hideLabel && <span className="text-text">{children ?? label}</span>}
    </label>
  )
}
