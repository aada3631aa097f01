'use client'

import Link from 'next/link'
import { type ComponentProps, type KeyboardEvent, type ReactNode, useId } from 'react'
import { type ButtonVariant, buttonLook } from './button-look.ts'
import { classNames } from './class-names.ts'

export type LinkButtonProps = Omit<ComponentProps<typeof Link>, 'role'> & {
  variant?: ButtonVariant
  icon?: ReactNode
  square?: boolean
  /**
   * `button` where the words of the product call it a button (Create Key): screen readers and scripts then find a
   * button, Space works, and it can still be opened in a new tab.
   */
  role?: 'link' | 'button'
  /** Why it cannot be used now; it stays reachable, leads nowhere and says why. */
  reason?: string | null | undefined
}

/** An address that looks like a button. */
export function LinkButton({
  variant = 'secondary',
  icon,
  square = false,
  role,
  reason,
  className,
  children,
  href,
  'aria-label': label,
  ...rest
}: LinkButtonProps) {
  const reasonId = useId()
  const look = classNames(buttonLook(variant, Boolean(reason), square), className)
  const tooltip = reason ?? (square ? label : undefined)

  if (reason) {
    return (
      <>
        <span
          {...{ role: role ?? 'link', tabIndex: 0, 'aria-label': label }}
          className={look}
          aria-disabled="true"
          aria-describedby={reasonId}
          data-tooltip={tooltip}
        >
          {icon}
          {children}
        </span>
        <span id={reasonId} hidden>
          {reason}
        </span>
      </>
    )
  }

  function pressSpace(event: KeyboardEvent<HTMLAnchorElement>) {
    if (event.key !== ' ') return
    event.preventDefault()
    event.currentTarget.click()
  }

  return (
    <Link
      {...rest}
      href={href}
      className={look}
      aria-label={label}
      data-tooltip={tooltip}
      {...(role === 'button' ? { role, onKeyDown: pressSpace } : {})}
    >
      {icon}
      {children}
    </Link>
  )
}
