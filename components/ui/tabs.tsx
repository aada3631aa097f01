'use client'

import Link from 'next/link'
import { type ReactNode, useRef } from 'react'
import { classNames } from './class-names.ts'
import { useRovingFocus } from './use-roving-focus.ts'

export type TabsProps = {
  /** Accessible name of the row of tabs. */
  label: string
  tabs: readonly { id: string; label: string; href: string; count?: ReactNode }[]
  current: string
  /** Id of the element the tabs switch; give it role="tabpanel" and aria-labelledby={`tab-${current}`}. */
  panelId?: string
}

/** Tabs that are addresses: each can be linked to, opened in a new tab, and reached with the back button. */
export function Tabs({ label, tabs, current, panelId }: TabsProps) {
  const ref = useRef<HTMLDivElement>(null)
  useRovingFocus(ref)
  return (
    <div ref={ref} role="tablist" aria-label={label} className="flex h-full items-stretch gap-5">
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          id={`tab-${tab.id}`}
          href={tab.href}
          role="tab"
          aria-selected={tab.id === current}
          aria-controls={tab.id === current ? panelId : undefined}
          onKeyDown={(event) => {
            if (event.key !== ' ') return
            event.preventDefault()
            event.currentTarget.click()
          }}
          className={classNames(
            'relative inline-flex min-h-10 items-center gap-1.5 rounded-xs font-medium whitespace-nowrap transition-colors',
            tab.id === current
              ? 'text-strong after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:bg-accent-line'
              : 'text-dim hover:text-strong',
          )}
        >
          {tab.label}
          {tab.count !== undefined && <span className="text-xs text-dim tabular-nums">{tab.count}</span>}
        </Link>
      ))}
    </div>
  )
}
