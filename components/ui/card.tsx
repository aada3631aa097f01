import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

/** A bounded part of a page. */
export function Card({
  title,
  description,
  className,
  children,
}: {
  title?: string
  description?: ReactNode
  className?: string
  children: ReactNode
}) {
  return (
    <section className={classNames('rounded-lg border border-line-strong bg-surface', className)}>
      {title && (
        <header className="border-b border-line px-5 py-3">
          <h2 className="text-lg font-semibold text-strong">{title}</h2>
          {description && <p className="text-dim">{description}</p>}
        </header>
      )}
      <div className="flex flex-col gap-4 px-5 py-4">{children}</div>
    </section>
  )
}
