'use client'

import { Menu as MenuIcon } from 'lucide-react'
import { usePathname } from 'next/navigation'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { Button } from '#components/ui/button.tsx'

const Drawer = lazy(loadDrawer)

function loadDrawer() {
  return import('./drawer.tsx')
}

/** The left menu on a narrow screen: behind a button, and closed again by going somewhere. */
export function MenuDrawer({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(false)
  const pathname = usePathname()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu
  useEffect(() => setOpen(false), [pathname])
  return (
    <>
      <Button
        variant="quiet"
        square
        aria-label="Open menu"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        icon={<MenuIcon size={18} aria-hidden="true" />}
        onClick={() => setOpen(true)}
        onPointerEnter={() => void loadDrawer()}
        onFocus={() => void loadDrawer()}
      />
      {isOpen && (
        <Suspense>
          <Drawer label="Menu" onClose={() => setOpen(false)}>
            {children}
          </Drawer>
        </Suspense>
      )}
    </>
  )
}
