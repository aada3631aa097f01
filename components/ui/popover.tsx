'use client'

import type { ReactNode, RefObject } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Popover as AriaPopover } from 'react-aria-components/Popover'

export type PopoverProps = {
  isOpen: boolean
  onClose: () => void
  /** The element it stands beside. */
  triggerRef: RefObject<Element | null>
  /** Accessible name. */
  label: string
  placement?: 'bottom start' | 'bottom end'
  children: ReactNode
}

/** A small panel beside its button, for a few controls. The focus moves in and comes back. */
export function Popover({
  isOpen,
  onClose,
  triggerRef,
  label,
  placement = 'bottom start',
  children,
}: PopoverProps) {
  return (
    <AriaPopover
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      triggerRef={triggerRef}
      placement={placement}
      offset={4}
      className="rise z-50 max-w-[calc(100vw-16px)] overflow-y-auto rounded-md border border-line-strong bg-raised shadow-[0_4px_16px_rgb(0_0_0/0.12)]"
    >
      <Dialog aria-label={label} className="p-3 outline-none">
        {children}
      </Dialog>
    </AriaPopover>
  )
}
