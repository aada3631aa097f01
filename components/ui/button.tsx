'use client'

import { type ComponentProps, type MouseEvent, type ReactNode, useId } from 'react'
import { type ButtonVariant, buttonLook } from './button-look.ts'
import { classNames } from './class-names.ts'
import { Spinner } from './spinner.tsx'

export type ButtonProps = Omit<ComponentProps<'button'>, 'disabled'> & {
  variant?: ButtonVariant
  /** Icon before the words; its place is taken by a spinner while `pending`. */
  icon?: ReactNode
  /** Work is under way: a further press does nothing, the focus stays. */
  pending?: boolean
  /**
   * Why the button cannot be used now. The button is greyed out but can still be reached, and says why: in a
   * tooltip and as its description. The reason never becomes part of its name.
   */
  reason?: string | null | undefined
  /** More to know before pressing it, in a tooltip and as its description; the button works. */
  note?: string | null | undefined
  /** An icon alone; the name then comes from `aria-label`, which is also the tooltip. */
  square?: boolean
}

/**
 * A button, 32 pixels high. It is never `disabled` in the HTML sense: a disabled button cannot be focused, so nobody
 * could learn why it is grey.
 */
export function Button({
  variant = 'secondary',
  icon,
  pending = false,
  reason,
  note,
  square = false,
  type = 'button',
  className,
  children,
  onClick,
  'aria-describedby': describedBy,
  'aria-label': label,
  ...rest
}: ButtonProps) {
  const reasonId = useId()
  const blocked = Boolean(reason)
  const remark = reason || note
  const inert = blocked || pending

  function press(event: MouseEvent<HTMLButtonElement>) {
    if (inert) {
      event.preventDefault()
      event.stopPropagation()
    } else {
      onClick?.(event)
    }
  }

  return (
    <>
      <button
        {...rest}
        type={type}
        className={classNames(buttonLook(variant, blocked, square), className)}
        onClick={press}
        aria-label={label}
        aria-disabled={inert || undefined}
        aria-busy={pending || undefined}
        aria-describedby={classNames(describedBy, remark && reasonId) || undefined}
        data-tooltip={remark || (square ? label : undefined)}
      >
        {pending ? <Spinner /> : icon}
        {children}
      </button>
      {remark && (
        <span id={reasonId} hidden>
          {remark}
        </span>
      )}
    </>
  )
}
