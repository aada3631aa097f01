import type { ReactNode } from 'react'
import { Announcer } from '#components/ui/announcer.tsx'
import { TooltipLayer } from '#components/ui/tooltip-layer.tsx'
import { MenuDrawer } from './menu-drawer.tsx'
import { Navigation } from './navigation.tsx'
import { ProductMark } from './product-mark.tsx'
import { ProjectSelector, type Region } from './project-selector.tsx'
import { type Theme, ThemeMenu } from './theme-menu.tsx'
import { type ShellUser, UserMenu } from './user-menu.tsx'

export type ShellProps = {
  user: ShellUser
  regions: readonly Region[]
  current: { regionId: string; projectId: string }
  theme: Theme
  /** Server action that ends the session and leads to the sign-in page. */
  signOut: () => Promise<unknown>
  children: ReactNode
}

/*
 * The vertical budget of the list at 1440 × 900, in pixels. The first row has to start at or above 200, and 17
 * comfortable (40) or 21 compact rows (32) have to fit.
 *
 *     0 –  44   top bar: breadcrumbs left (drawn by Page), theme and user right
 *    44 –  92   title, tabs, quota and Create Key in one line (Page)
 *    92 – 140   bar of the list: bulk buttons, filter, refresh, density (ListBar: 8 + 32 + 8)
 *   140 – 173   head of the table and its border (DataTable)
 *   173 – 859   rows: 686 = 17 × 40 or 21 × 32
 *   859 – 900   pager, at the bottom edge (ListFooter)
 *
 * The top bar is as high as its breadcrumbs because they are inside it: Page puts them there, over the empty left part
 * of the bar, and on a narrow screen below it.
 */
export function Shell({ user, regions, current, theme, signOut, children }: ShellProps) {
  const selector = <ProjectSelector regions={regions} current={current} />
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[var(--menu-width)_minmax(0,1fr)]">
      <a
        href="#main"
        className="fixed top-1 left-1 z-60 -translate-y-16 rounded-md bg-accent-fill px-3 py-1.5 font-medium text-on-fill focus:translate-y-0"
      >
        Skip to content
      </a>
      <aside className="sticky top-0 z-30 hidden h-dvh flex-col border-r border-line bg-surface lg:flex">
        <Wordmark className="h-11 shrink-0 border-b border-line px-4" />
        <div className="p-2">{selector}</div>
        <Navigation projectId={current.projectId} />
      </aside>
      <div className="relative flex min-w-0 flex-col">
        <header className="z-20 flex h-11 items-center gap-1 border-b border-line bg-surface px-2 lg:pointer-events-none lg:absolute lg:inset-x-0 lg:top-0 lg:px-4">
          <div className="flex min-w-0 flex-1 items-center gap-1 lg:hidden">
            <MenuDrawer>
              <Wordmark className="h-11 px-4" />
              <Navigation projectId={current.projectId} />
            </MenuDrawer>
            <div className="min-w-0">{selector}</div>
          </div>
          <div className="ml-auto flex items-center gap-1 lg:pointer-events-auto">
            <ThemeMenu theme={theme} />
            <UserMenu user={user} signOut={signOut} />
          </div>
        </header>
        <main id="main" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
          {children}
        </main>
      </div>
      <Announcer />
      <TooltipLayer />
    </div>
  )
}

function Wordmark({ className }: { className: string }) {
  return (
    <div className={`flex items-center gap-2 ${className}`}>
      <ProductMark />
      <span className="text-base font-semibold tracking-tight text-strong">Keystead</span>
    </div>
  )
}
