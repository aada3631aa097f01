import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

/** Something folded away: the browser's own, open when asked. Its summary is a button by its words. */
export function Disclosure({
  summary,
  isOpen,
  children,
}: {
  summary: string
  isOpen?: boolean
  children: ReactNode
}) {
  return (
    <details open={isOpen} className="group">
      <summary className="inline-flex h-8 list-none items-center gap-1 rounded-md pr-2 font-medium text-accent [&::-webkit-details-marker]:hidden">
        <ChevronRight size={16} className="transition-transform group-open:rotate-90" aria-hidden="true" />
        {summary}
      </summary>
      <div className="flex flex-col gap-4 pt-3">{children}</div>
    </details>
  )
}
