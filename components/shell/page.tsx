import type { ReactNode } from 'react'
import { Breadcrumbs, type Crumb } from '#components/ui/breadcrumbs.tsx'
import { classNames } from '#components/ui/class-names.ts'

/** The first crumbs of every page of the service. */
export const serviceCrumbs: readonly Crumb[] = [
  { label: 'Security & Compliance' },
  { label: 'Data Encryption Workshop' },
]

export type PageProps = {
  /** After the crumbs of the service; the last one is this page. */
  crumbs: readonly Crumb[]
  /** The only h1. */
  title: string
  /** A way back left of the title, for pages that are left again when done: a LinkButton square. */
  back?: ReactNode
  /** <Tabs>; they share the line with the title. */
  tabs?: ReactNode
  /** One dim line at the right: a quota, a count. */
  aside?: ReactNode
  /** Buttons at the far right, at most one of them primary. */
  actions?: ReactNode
  /** form: one readable column. full: all the width, for tables. */
  width?: 'full' | 'form'
  children: ReactNode
}

/** One page: breadcrumbs in the top bar, the title line, the content. For the heights see Shell. */
export function Page({ crumbs, title, back, tabs, aside, actions, width = 'full', children }: PageProps) {
  return (
    <>
      <title>{`${title} · Keystead`}</title>
      <div
        className={classNames(
          'h-8 items-center px-4 lg:relative lg:z-20 lg:mr-56 lg:flex lg:h-11 lg:px-6',
          crumbs.some((crumb) => crumb.href) ? 'flex' : 'hidden',
        )}
      >
        <Breadcrumbs crumbs={[...serviceCrumbs, ...crumbs]} />
      </div>
      <div className="flex flex-wrap items-center gap-x-6 border-b border-line px-4 lg:min-h-12 lg:flex-nowrap lg:px-6">
        <div className="flex min-h-10 min-w-0 flex-1 items-center gap-1 lg:flex-none">
          {back && <div className="-ml-2">{back}</div>}
          <h1 className="truncate text-lg font-semibold tracking-tight text-strong lg:text-xl" title={title}>
            {title}
          </h1>
        </div>
        {tabs && <div className="order-3 w-full self-stretch lg:order-none lg:w-auto">{tabs}</div>}
        {aside && (
          <div className="order-4 w-full py-2 text-sm text-dim lg:order-none lg:ml-auto lg:w-auto lg:py-0">
            {aside}
          </div>
        )}
        {actions && (
          <div className={classNames('flex shrink-0 items-center gap-2 py-2', !aside && 'lg:ml-auto')}>
            {actions}
          </div>
        )}
      </div>
      <div
        className={classNames(
          'flex min-w-0 flex-1 flex-col px-4 lg:px-6',
          width === 'form' && 'w-full max-w-3xl gap-4 py-4 pb-16',
        )}
      >
        {children}
      </div>
    </>
  )
}
