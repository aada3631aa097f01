'use client'

import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { fallbackZone } from '#lib/format/time.ts'
import { savePreference } from './preference.ts'

const Zone = createContext(fallbackZone)

/** The time zone of the reader: from the cookie on the server, so that both sides render the same text. */
export function useZone(): string {
  return useContext(Zone)
}

/**
 * Starts from the zone the server knew (the cookie, else UTC) and, once in the browser, learns the real one and keeps
 * it in the cookie for the next request.
 */
export function ZoneProvider({ zone: known, children }: { zone: string; children: ReactNode }) {
  const [zone, setZone] = useState(known)
  useEffect(() => {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone
    if (!here || here === zone) return
    savePreference('zone', here)
    setZone(here)
  }, [zone])
  return <Zone value={zone}>{children}</Zone>
}
