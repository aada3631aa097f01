import type { ReactNode } from 'react'
import { Button } from '#components/ui/button.tsx'
import { classNames } from '#components/ui/class-names.ts'
import { formatCount } from '#lib/format/count.ts'
import type { ItemPages } from './use-item-pages.ts'

/** A table of items in a box that scrolls by itself, with its pages below when there are several. */
export function ItemPager({ pages, children }: { pages: ItemPages; children: ReactNode }) {
  const { page, pages: last, goTo, pending, problem } = pages
  return (
    <div className="flex flex-col rounded-md border border-line-strong" aria-busy={pending || undefined}>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable with the keyboard
        tabIndex={0}
        aria-label="Keys"
        className={classNames(
          'max-h-80 overflow-y-auto px-3 transition-opacity focus-visible:outline-offset-0',
          pending && 'opacity-60',
        )}
      >
        {problem ? (
          <p role="alert" className="py-3 text-danger">
            {problem}
          </p>
        ) : (
          children
        )}
      </section>
      {last > 1 && (
        <div className="flex items-center justify-between gap-2 border-t border-line px-3 py-1.5 text-sm text-dim">
          <span className="tabular-nums">
            Page {formatCount(page)} of {formatCount(last)}
          </span>
          <span className="flex gap-1">
            <Button
              variant="quiet"
              reason={page === 1 ? 'This is the first page' : null}
              onClick={() => goTo(page - 1)}
            >
              Previous
            </Button>
            <Button
              variant="quiet"
              reason={page === last ? 'This is the last page' : null}
              onClick={() => goTo(page + 1)}
            >
              Next
            </Button>
          </span>
        </div>
      )}
    </div>
  )
}
