import type { ReactNode } from 'react'
import { Announcer } from '#components/ui/announcer.tsx'
import { TooltipLayer } from '#components/ui/tooltip-layer.tsx'
import { ProductMark } from './product-mark.tsx'

/** A page outside the console, for someone who is not signed in: the mark, a title, one narrow column. */
export function PlainPage({
  title,
  description,
  still = false,
  children,
}: {
  title: string
  description?: ReactNode
  /** A page that never has a message or a tooltip to show fetches no code for them. */
  still?: boolean
  children: ReactNode
}) {
  return (
    <main className="flex min-h-dvh flex-col items-center px-4 py-[12vh]">
      <title>{`${title} · Keystead`}</title>
      <div className="w-full max-w-90">
        <div className="mb-6 flex items-center gap-2">
          <ProductMark size={24} />
          <span className="text-lg font-semibold tracking-tight text-strong">Keystead</span>
        </div>
        <div className="rounded-lg border border-line-strong bg-surface p-6">
          <h1 className="text-xl font-semibold tracking-tight text-strong">{title}</h1>
          {description && <div className="mt-1 text-dim">{description}</div>}
          <div className="mt-5 flex flex-col gap-4">{children}</div>
        </div>
      </div>
      {!still && (
        <>
          <Announcer />
          <TooltipLayer />
        </>
      )}
    </main>
  )
}
