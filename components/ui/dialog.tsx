'use client'

import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'
import { Modal } from './modal.tsx'

export type DialogProps = {
  isOpen: boolean
  /** Asked for by Escape, the cross, or a press outside; never called while `pending`. */
  onClose: () => void
  /** The accessible name: the verb and what it is about, "Disable 3 keys". */
  title: string
  /** alertdialog where something is lost or stops working. */
  role?: 'dialog' | 'alertdialog'
  /** Buttons, the confirming one last. */
  footer?: ReactNode
  /** narrow 440, medium 600, wide 800 pixels. On a phone every dialog fills the width, at the bottom. */
  width?: 'narrow' | 'medium' | 'wide'
  /** Work is under way: it cannot be closed. */
  pending?: boolean
  children: ReactNode
}

const widths = { narrow: 'sm:max-w-[440px]', medium: 'sm:max-w-[600px]', wide: 'sm:max-w-[800px]' }

/**
 * A modal dialog. The focus moves in when it opens (to the element with autoFocus, else to the dialog), stays in, and
 * goes back when it closes. A long body scrolls between the fixed title and the fixed buttons.
 */
export function Dialog({
  isOpen,
  onClose,
  title,
  role = 'dialog',
  footer,
  width = 'medium',
  pending = false,
  children,
}: DialogProps) {
  if (!isOpen) return null
  return (
    <Modal
      onClose={onClose}
      role={role}
      dismissable={role === 'dialog'}
      locked={pending}
      curtainClassName="appear-faded fixed inset-0 z-50 flex items-end justify-center bg-scrim sm:items-start sm:p-6 sm:pt-[12vh]"
      className={classNames(
        'appear-lifted flex max-h-[92dvh] w-full flex-col rounded-t-lg border border-line-strong bg-raised outline-none sm:max-h-[76vh] sm:rounded-lg',
        widths[width],
      )}
    >
      {(titleProps) => (
        <>
          <header className="flex items-start gap-3 border-b border-line py-2.5 pr-2 pl-5">
            <h2
              {...titleProps}
              className="min-w-0 flex-1 py-1 text-lg font-semibold text-strong wrap-anywhere"
            >
              {title}
            </h2>
            <Button
              variant="quiet"
              square
              aria-label="Close"
              reason={pending ? 'Wait until the work is done' : null}
              icon={<X size={16} aria-hidden="true" />}
              onClick={onClose}
            />
          </header>
          <div className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 py-4">{children}</div>
          {footer && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">
              {footer}
            </footer>
          )}
        </>
      )}
    </Modal>
  )
}
