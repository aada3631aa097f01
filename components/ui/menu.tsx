'use client'

import { lazy, type ReactNode, type RefObject, Suspense, useId, useRef, useState } from 'react'

const MenuPanel = lazy(loadPanel)

function loadPanel() {
  return import('./menu-panel.tsx')
}

export type MenuEntry =
  | {
      kind?: 'action'
      id: string
      label: string
      /** Second line, dim. */
      detail?: string | undefined
      icon?: ReactNode
      /** The one that holds now; drawn with a tick and announced as checked. */
      checked?: boolean
      danger?: boolean
      onAction?: () => void
      /** Leads somewhere instead. */
      href?: string
    }
  | { kind: 'heading'; id: string; label: string; detail?: string | undefined }
  | { kind: 'divider'; id: string }

export type MenuProps = {
  /** Accessible name of the menu. */
  label: string
  entries: readonly MenuEntry[]
  /** Draws the button; spread `trigger` on it. */
  children: (trigger: MenuTriggerProps, isOpen: boolean) => ReactNode
  placement?: 'bottom start' | 'bottom end' | 'top start'
}

export type MenuTriggerProps = {
  ref: RefObject<HTMLButtonElement | null>
  'aria-haspopup': 'menu'
  'aria-expanded': boolean
  'aria-controls': string | undefined
  onClick: () => void
  onKeyDown: (event: { key: string; preventDefault: () => void }) => void
  onPointerEnter: () => void
  onFocus: () => void
}

/** A menu on a button. Its code is fetched when the pointer or the focus comes near. */
export function Menu({ label, entries, children, placement = 'bottom start' }: MenuProps) {
  const id = useId()
  const ref = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  const trigger: MenuTriggerProps = {
    ref,
    'aria-haspopup': 'menu',
    'aria-expanded': isOpen,
    'aria-controls': isOpen ? id : undefined,
    onClick: () => setOpen(true),
    onKeyDown: (event) => {
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
      event.preventDefault()
      setOpen(true)
    },
    onPointerEnter: () => void loadPanel(),
    onFocus: () => void loadPanel(),
  }
  return (
    <>
      {children(trigger, isOpen)}
      {isOpen && (
        <Suspense>
          <MenuPanel
            id={id}
            label={label}
            entries={entries}
            triggerRef={ref}
            placement={placement}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  )
}
