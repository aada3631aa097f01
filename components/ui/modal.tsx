'use client'

import { type ReactNode, useRef } from 'react'
import { mergeProps } from 'react-aria/mergeProps'
import { Overlay } from 'react-aria/Overlay'
import { useDialog } from 'react-aria/useDialog'
import { useModalOverlay } from 'react-aria/useModalOverlay'

export type ModalProps = {
  onClose: () => void
  role?: 'dialog' | 'alertdialog'
  /** Accessible name, where no title on screen says it. */
  label?: string
  /** A press outside closes it. */
  dismissable?: boolean
  /** Escape does nothing. */
  locked?: boolean
  /** The curtain over the page: it places the panel. */
  curtainClassName: string
  className: string
  /** Spread `title` on the heading that names it. */
  children: (title: ReturnType<typeof useDialog>['titleProps']) => ReactNode
}

/**
 * What every modal shares: the page behind is out of reach for pointer, keyboard and screen readers and does not
 * scroll, the focus moves in and goes back. Made of react-aria's hooks, since its Dialog component brings the menu
 * and collection code along (35 KB) and dialogs are opened all the time.
 */
export function Modal(props: ModalProps) {
  return (
    <Overlay>
      <Panel {...props} />
    </Overlay>
  )
}

function Panel({
  onClose,
  role = 'dialog',
  label,
  dismissable = false,
  locked = false,
  curtainClassName,
  className,
  children,
}: ModalProps) {
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
  const { modalProps, underlayProps } = useModalOverlay(
    { isDismissable: dismissable && !locked, isKeyboardDismissDisabled: locked },
    state,
    ref,
  )
  const { dialogProps, titleProps } = useDialog(label ? { role, 'aria-label': label } : { role }, ref)
  return (
    <div {...underlayProps} className={curtainClassName}>
      <div {...mergeProps(modalProps, dialogProps)} ref={ref} className={className}>
        {children(titleProps)}
      </div>
    </div>
  )
}
