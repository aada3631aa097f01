'use client'

import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Modal } from '#components/ui/modal.tsx'

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
    <Modal
      label={label}
      onClose={onClose}
      dismissable
      curtainClassName="appear-faded fixed inset-0 z-50 bg-scrim"
      className="appear-from-left absolute inset-y-0 left-0 flex w-70 max-w-[85vw] flex-col border-r border-line-strong bg-surface outline-none"
    >
      {() => (
        <>
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
        </>
      )}
    </Modal>
  )
}
