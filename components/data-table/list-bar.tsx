import type { ReactNode } from 'react'

/** The bar above a table: what can be done with the ticked rows, the filter, refresh, density. 8 + 32 + 8 pixels. */
export function ListBar({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-2 bg-canvas py-2 lg:sticky lg:top-0 lg:z-10">
      {children}
    </div>
  )
}

/** Below the table, at the bottom edge of the window: the pager. */
export function ListFooter({ children }: { children: ReactNode }) {
  return (
    <div className="mt-auto border-t border-line bg-canvas md:sticky md:bottom-0 md:z-10">{children}</div>
  )
}
