'use client'

import { type ReactNode, useSyncExternalStore } from 'react'

const never = () => () => undefined

/**
 * Buttons that do nothing without scripts. Until the scripts are there they are disabled in the HTML sense, so that a
 * press is not lost unseen, Enter does not send a form the browser's way, and a scripted browser waits by itself. They
 * look as they will in a moment (globals.css): a page that greys out while it loads would flicker.
 */
export function WhenReady({ children }: { children: ReactNode }) {
  const ready = useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
  return (
    <fieldset disabled={!ready} role="presentation" data-waiting={!ready || undefined} className="contents">
      {children}
    </fieldset>
  )
}
