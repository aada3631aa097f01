'use client'

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { announce } from './announcement.ts'

/** Copies a text. `label` says what: "Copy ID of payments-db". */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])

  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      announce('The browser did not allow copying. Select the text and copy it by hand.', { tone: 'warning' })
    }
  }

  return (
    <button
      type="button"
      onClick={copy}
      aria-label={label}
      data-tooltip={copied ? 'Copied' : label}
      className="-my-1 inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-dim transition-colors hover:bg-sunken hover:text-strong"
    >
      {copied ? (
        <Check size={14} className="text-success" aria-hidden="true" />
      ) : (
        <Copy size={14} aria-hidden="true" />
      )}
      <span role="status" className="sr-only">
        {copied ? 'Copied' : ''}
      </span>
    </button>
  )
}
