'use client'

import { useMemo } from 'react'
import { Tooltip, TooltipTriggerStateContext } from 'react-aria-components/Tooltip'

// When to open and close is the layer's business.
const alwaysOpen = {
  isOpen: true,
  shouldCloseOnPress: false,
  shouldSkipAnimation: false,
  open() {},
  close() {},
}

/** What the tooltip layer shows, beside its element. */
export default function TooltipBubble({ element, text }: { element: Element; text: string }) {
  const triggerRef = useMemo(() => ({ current: element }), [element])
  return (
    <TooltipTriggerStateContext value={alwaysOpen}>
      <Tooltip
        key={text}
        triggerRef={triggerRef}
        placement="top"
        offset={6}
        className="fade z-60 max-w-80 rounded-md border border-line-strong bg-raised px-2 py-1 text-sm text-strong wrap-anywhere"
      >
        {text}
      </Tooltip>
    </TooltipTriggerStateContext>
  )
}
