'use client'

import { type RefObject, useEffect } from 'react'

const focusable = 'a[href], button, input, select, textarea, [tabindex]'

function stops(within: Element): HTMLElement[] {
  return [...within.querySelectorAll<HTMLElement>(focusable)].filter(
    (element) => !element.matches(':disabled, [type=hidden]') && element.getClientRects().length > 0,
  )
}

/**
 * Makes a row of controls (a toolbar, tabs) one Tab stop: the arrow keys, Home and End move inside, and Tab comes
 * back to the control used last. Controls that keep the arrow keys for themselves (text boxes) are left their keys.
 */
export function useRovingFocus(ref: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const box = ref.current
    if (!box) return
    let current: HTMLElement | undefined

    function assign(to?: HTMLElement) {
      if (!box) return
      const all = stops(box)
      if (to) current = to
      if (!current || !all.includes(current)) current = all[0]
      for (const element of all) element.tabIndex = element === current ? 0 : -1
    }
    function keyDown(event: KeyboardEvent) {
      if (
        !box ||
        !(event.target instanceof HTMLElement) ||
        event.target.matches('input[type=text], textarea, select')
      )
        return
      const all = stops(box)
      const at = all.indexOf(event.target)
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key]
      if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      all[(to + all.length) % all.length]?.focus()
    }
    const focusIn = (event: FocusEvent) => {
      if (event.target instanceof HTMLElement) assign(event.target)
    }

    assign()
    const watcher = new MutationObserver(() => assign())
    watcher.observe(box, { childList: true, subtree: true })
    box.addEventListener('keydown', keyDown)
    box.addEventListener('focusin', focusIn)
    return () => {
      watcher.disconnect()
      box.removeEventListener('keydown', keyDown)
      box.removeEventListener('focusin', focusIn)
    }
  }, [ref])
}
