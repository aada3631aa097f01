import { ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { classNames } from './class-names.ts'

export type Crumb = { label: string; href?: string }

/** Where one is. On a phone only the way back is shown, the full trail from a tablet up. */
export function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center text-sm">
        {crumbs.map((crumb, at) => {
          const last = at === crumbs.length - 1
          return (
            <li
              key={crumb.label}
              className={classNames('items-center', last ? 'flex min-w-0' : 'hidden shrink-0 lg:flex')}
            >
              {last || !crumb.href ? (
                <span
                  className={classNames('truncate', last ? 'font-medium text-strong' : 'text-dim')}
                  aria-current={last ? 'page' : undefined}
                  title={last ? crumb.label : undefined}
                >
                  {crumb.label}
                </span>
              ) : (
                <Link href={crumb.href} className="rounded-xs text-dim transition-colors hover:text-strong">
                  {crumb.label}
                </Link>
              )}
              {!last && <ChevronRight size={14} className="mx-1 shrink-0 text-disabled" aria-hidden="true" />}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
