'use client'

import { type ReactNode, useSyncExternalStore } from 'react'

const never = () => () => undefined

/**
 * Buttons that do nothing without scripts. Until the scripts are there they are disabled in the HTML sense, so that a
 * press is not lost unseen, Enter does not send a form the browser's way, and a scripted browser waits by itself.
 */
export function WhenReady({ children }: { children: ReactNode }) {
  const ready = useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
  return (
    <fieldset disabled={!ready} role="presentation" className="contents">
      {children}
    </fieldset>
  )
}
