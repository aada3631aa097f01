'use client'

import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from 'lucide-react'
import Link from 'next/link'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { type Announcement, announcements, withdraw } from './announcement.ts'
import { classNames } from './class-names.ts'

const icons = { success: CircleCheck, info: Info, warning: TriangleAlert, danger: CircleAlert }
const marks = { success: 'text-success', info: 'text-info', warning: 'text-warning', danger: 'text-danger' }
const goAfterMs = 8000

/** Where announcements appear: bottom left, over the empty end of the left menu, so that no row or pager is covered. */
export function Announcer() {
  const shown = useSyncExternalStore(announcements.subscribe, announcements.read, announcements.readOnServer)
  return (
    <section
      aria-label="Messages"
      data-react-aria-top-layer="true"
      className="pointer-events-none fixed bottom-0 left-0 z-60 flex w-full flex-col gap-2 p-3 sm:w-[calc(var(--menu-width)+8rem)] lg:w-(--menu-width)"
    >
      <div aria-live="polite" aria-relevant="additions" className="contents">
        {shown.map((announcement) => (
          <Message key={announcement.id} announcement={announcement} />
        ))}
      </div>
    </section>
  )
}

function Message({ announcement: { id, tone, message, action } }: { announcement: Announcement }) {
  const [held, setHeld] = useState(false)
  const goes = tone === 'success' || tone === 'info'
  useEffect(() => {
    if (!goes || held) return
    const timer = setTimeout(() => withdraw(id), goAfterMs)
    return () => clearTimeout(timer)
  }, [goes, held, id])

  const Icon = icons[tone]
  const actions = action ? [action].flat() : []
  const look = 'rounded-xs font-medium text-accent hover:underline'
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only keeps the message while someone reads or uses it
    <div
      className="appear pointer-events-auto flex items-start gap-2 rounded-md border border-line-strong bg-raised py-2 pr-1 pl-2.5 text-sm text-strong shadow-[0_4px_16px_rgb(0_0_0/0.12)]"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={16} className={classNames('mt-px shrink-0', marks[tone])} aria-hidden="true" />
      <div className="min-w-0 flex-1 wrap-anywhere">
        {message}{' '}
        {actions.map((one) => (
          <span key={one.label} className="mr-2 inline-block">
            {'href' in one ? (
              <Link href={one.href} className={look} onClick={() => withdraw(id)}>
                {one.label}
              </Link>
            ) : (
              <button
                type="button"
                className={look}
                onClick={() => {
                  withdraw(id)
                  one.onAction()
                }}
              >
                {one.label}
              </button>
            )}
          </span>
        ))}
      </div>
      <button
        type="button"
        aria-label="Close message"
        onClick={() => withdraw(id)}
        className="-my-0.5 flex size-6 shrink-0 items-center justify-center rounded-sm text-dim hover:text-strong"
      >
        <X size={14} aria-hidden="true" />
      </button>
    </div>
  )
}
