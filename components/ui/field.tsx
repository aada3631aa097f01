import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

/** What every field takes. `label` is the accessible name, to the letter; nothing else gets into it. */
export type FieldTexts = {
  label: string
  /** One line under the label, read out with the field. */
  hint?: ReactNode
  /** What is wrong and what the rule is; shown under the field and read out with it. */
  error?: string | undefined
  /** Says so beside the label, not inside it. */
  optional?: boolean
}

/** The look of the box one types into or picks from. */
export function inputLook(invalid: boolean, extra?: string): string {
  return classNames(
    'block h-8 min-w-0 rounded-md border bg-surface px-2.5 text-base text-strong transition-colors',
    'disabled:cursor-not-allowed disabled:border-line-strong disabled:bg-sunken disabled:text-disabled',
    '[&[readonly]]:bg-sunken',
    invalid
      ? 'border-danger-line shadow-[inset_3px_0_0_var(--danger-line)] focus-visible:outline-danger-line'
      : 'border-control hover:border-dim',
    'focus-visible:outline-offset-0',
    extra,
  )
}

/** The ids that tie a control to its hint, error and counter; undefined when there is none of them. */
export function describedBy(
  id: string,
  { hint, error }: Pick<FieldTexts, 'hint' | 'error'>,
  ...more: (string | false | undefined)[]
): string | undefined {
  return classNames(error && `${id}-error`, Boolean(hint) && `${id}-hint`, ...more) || undefined
}

/** Label, hint, control and error of one field, in this order, the same everywhere. */
export function Field({
  id,
  label,
  hint,
  error,
  optional,
  counter,
  className,
  children,
}: FieldTexts & { id: string; counter?: ReactNode; className?: string | undefined; children: ReactNode }) {
  return (
    <div className={classNames('flex min-w-0 flex-col gap-1', className)}>
      <div className="flex items-baseline gap-1.5">
        <label htmlFor={id} className="font-medium text-strong">
          {label}
        </label>
        {optional && <span className="text-xs text-dim">(Optional)</span>}
        {counter && <span className="ml-auto">{counter}</span>}
      </div>
      {hint && (
        <div id={`${id}-hint`} className="text-sm text-dim">
          {hint}
        </div>
      )}
      {children}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  )
}

/** The line under a field that says what is wrong. */
export function FieldError({ id, children }: { id: string; children: ReactNode }) {
  return (
    <p id={id} className="flex items-start gap-1.5 text-sm text-danger">
      <CircleAlert size={14} className="mt-0.5 shrink-0" aria-hidden="true" />
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </p>
  )
}
