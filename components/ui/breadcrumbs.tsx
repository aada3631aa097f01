import { ChevronLeft, ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { classNames } from './class-names.ts'

export type Crumb = { label: string; href?: string }

/** Where one is: the whole trail from a laptop up; on a narrow screen only the way back to the page above. */
export function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  const above = crumbs.findLastIndex((crumb, at) => crumb.href !== undefined && at < crumbs.length - 1)
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center text-sm">
        {crumbs.map((crumb, at) => (
          <li
            key={crumb.label}
            className={classNames('min-w-0 items-center lg:flex', at === above ? 'flex' : 'hidden')}
          >
            {at > 0 && (
              <ChevronRight
                size={14}
                className="mx-1 hidden shrink-0 text-disabled lg:block"
                aria-hidden="true"
              />
            )}
            {at === above && (
              <ChevronLeft size={14} className="-ml-1 shrink-0 text-dim lg:hidden" aria-hidden="true" />
            )}
            <Step crumb={crumb} last={at === crumbs.length - 1} />
          </li>
        ))}
      </ol>
    </nav>
  )
}

function Step({ crumb: { label, href }, last }: { crumb: Crumb; last: boolean }) {
  if (last) {
    return (
      <span className="truncate font-medium text-strong" aria-current="page" title={label}>
        {label}
      </span>
    )
  }
  if (!href) return <span className="truncate text-dim">{label}</span>
  return (
    <Link
      href={href}
      className="truncate rounded-xs text-dim transition-colors hover:text-strong max-lg:inline-flex max-lg:h-6 max-lg:items-center"
    >
      {label}
    </Link>
  )
}
