'use client'

import { X } from 'lucide-react'
import type { ReactNode } from 'react'

/** A chosen filter that can be taken away. `label` names it for the remove button: "Remove Status: Enabled". */
export function Chip({
  label,
  onRemove,
  children,
}: {
  label: string
  onRemove: () => void
  children?: ReactNode
}) {
  return (
    <span className="inline-flex h-7 max-w-full items-center rounded-md border border-line-strong bg-accent-tint pl-2 text-sm text-strong">
      <span className="truncate" title={label}>
        {children ?? label}
      </span>
      <button
        type="button"
        onClick={onRemove}
        aria-label={`Remove ${label}`}
        className="ml-0.5 flex size-6.5 shrink-0 items-center justify-center rounded-md text-dim transition-colors hover:text-strong"
      >
        <X size={14} aria-hidden="true" />
      </button>
    </span>
  )
}
