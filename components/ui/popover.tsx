'use client'

import { type ReactNode, type RefObject, useRef } from 'react'
import { mergeProps } from 'react-aria/mergeProps'
import { DismissButton, Overlay } from 'react-aria/Overlay'
import { useDialog } from 'react-aria/useDialog'
import { usePopover } from 'react-aria/usePopover'

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
export function Popover({ isOpen, ...props }: PopoverProps) {
  return (
    isOpen && (
      <Overlay>
        <Panel {...props} />
      </Overlay>
    )
  )
}

function Panel({
  onClose,
  triggerRef,
  label,
  placement = 'bottom start',
  children,
}: Omit<PopoverProps, 'isOpen'>) {
  const ref = useRef<HTMLDivElement>(null)
  const nothing = () => {}
  const state = {
    isOpen: true,
    close: onClose,
    open: nothing,
    toggle: onClose,
    setOpen: nothing,
    point: null,
    setPoint: nothing,
  }
  const { popoverProps, underlayProps } = usePopover(
    { popoverRef: ref, triggerRef, placement, offset: 4 },
    state,
  )
  const { dialogProps } = useDialog({ 'aria-label': label }, ref)
  return (
    <>
      <div {...underlayProps} className="fixed inset-0 z-40" />
      <div
        {...mergeProps(popoverProps, dialogProps)}
        ref={ref}
        className="appear-faded z-50 max-w-[calc(100vw-16px)] overflow-y-auto rounded-md border border-line-strong bg-raised p-3 shadow-[0_4px_16px_rgb(0_0_0/0.12)] outline-none"
      >
        <DismissButton onDismiss={onClose} />
        {children}
        <DismissButton onDismiss={onClose} />
      </div>
    </>
  )
}
