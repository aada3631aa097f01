'use client'

import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Button } from '#components/ui/button.tsx'

/** A modal panel from the left edge. */
export default function Drawer({
  label,
  onClose,
  children,
}: {
  label: string
  onClose: () => void
  children: ReactNode
}) {
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      className="fade fixed inset-0 z-50 bg-scrim"
    >
      <Modal className="slide-in absolute inset-y-0 left-0 w-70 max-w-[85vw] border-r border-line-strong bg-surface">
        <Dialog aria-label={label} className="relative flex h-full flex-col outline-none">
          <div className="absolute top-1.5 right-2">
            <Button
              variant="quiet"
              square
              aria-label="Close menu"
              icon={<X size={16} aria-hidden="true" />}
              onClick={onClose}
            />
          </div>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
