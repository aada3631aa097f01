'use client'

import { type ReactNode, useRef } from 'react'
import { classNames } from './class-names.ts'
import { useRovingFocus } from './use-roving-focus.ts'

/** Buttons that belong together, under one name and one Tab stop; the arrow keys move between them. */
export function Toolbar({
  label,
  className,
  children,
}: {
  label: string
  className?: string
  children: ReactNode
}) {
  const ref = useRef<HTMLDivElement>(null)
  useRovingFocus(ref)
  return (
    <div
      ref={ref}
      role="toolbar"
      aria-label={label}
      className={classNames('flex min-w-0 flex-wrap items-center gap-1 sm:gap-1.5', className)}
    >
      {children}
    </div>
  )
}
