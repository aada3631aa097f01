import Link from 'next/link'
import type { ComponentProps } from 'react'
import { classNames } from './class-names.ts'

/** A link inside text or a cell. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      {...rest}
      className={classNames(
        'rounded-xs text-accent underline decoration-transparent underline-offset-2 transition-colors hover:decoration-current',
        className,
      )}
    />
  )
}
