'use client'

import { lazy, Suspense, useEffect, useRef, useState } from 'react'

const TooltipBubble = lazy(() => import('./tooltip-bubble.tsx'))

const openAfterMs = 250
const closeAfterMs = 120

/**
 * The one tooltip of the page. Anything with a `data-tooltip` attribute gets it, on hover, on keyboard focus and, on
 * a touch screen, on tap of something greyed out. One layer instead of a component per button: a list of a hundred
 * rows pays nothing, and the positioning code is fetched the first time it is needed.
 *
 * It stays while the pointer is on it, goes with Escape, and is for the eye only: what it says must also be the
 * element's name or description (Button does that).
 */
export function TooltipLayer() {
  const [target, setTarget] = useState<{ element: Element; text: string } | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const overBubble = useRef(false)

  useEffect(() => {
    function plan(step: () => void, afterMs: number) {
      clearTimeout(timer.current)
      timer.current = setTimeout(step, afterMs)
    }
    function open(element: Element, afterMs: number) {
      const text = element.getAttribute('data-tooltip')
      if (text) plan(() => setTarget({ element, text }), afterMs)
    }
    function close(afterMs: number) {
      plan(() => {
        if (!overBubble.current) setTarget(null)
      }, afterMs)
    }
    function carrier(event: Event): Element | null {
      return event.target instanceof Element ? event.target.closest('[data-tooltip]') : null
    }
    function pointerOver(event: PointerEvent) {
      if (event.pointerType === 'touch') return
      overBubble.current = event.target instanceof Element && event.target.closest('[role=tooltip]') !== null
      const element = carrier(event)
      if (element) open(element, openAfterMs)
      else close(closeAfterMs)
    }
    function focusIn(event: FocusEvent) {
      const element = carrier(event)
      if (element?.matches(':focus-visible')) open(element, 0)
    }
    function press(event: PointerEvent) {
      const element = carrier(event)
      if (event.pointerType === 'touch' && element?.getAttribute('aria-disabled') === 'true') open(element, 0)
      else close(0)
    }
    function key(event: KeyboardEvent) {
      if (event.key !== 'Escape') return
      clearTimeout(timer.current)
      overBubble.current = false
      setTarget(null)
    }
    const leave = () => {
      overBubble.current = false
      close(0)
    }
    document.addEventListener('pointerover', pointerOver)
    document.addEventListener('pointerdown', press)
    document.addEventListener('focusin', focusIn)
    document.addEventListener('focusout', leave)
    document.addEventListener('keydown', key, true)
    document.addEventListener('scroll', leave, { capture: true, passive: true })
    return () => {
      clearTimeout(timer.current)
      document.removeEventListener('pointerover', pointerOver)
      document.removeEventListener('pointerdown', press)
      document.removeEventListener('focusin', focusIn)
      document.removeEventListener('focusout', leave)
      document.removeEventListener('keydown', key, true)
      document.removeEventListener('scroll', leave, { capture: true })
    }
  }, [])

  if (!target) return null
  return (
    <Suspense>
      <TooltipBubble element={target.element} text={target.text} />
    </Suspense>
  )
}
