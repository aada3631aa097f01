import type { ReactNode } from 'react'
import { buttonLook } from '#components/ui/button-look.ts'

/**
 * An error without icons, tooltips or anything else that has to be fetched: every page carries the code of these last
 * resorts, and hardly anyone ever sees them.
 */
export function BareError({
  title,
  requestId,
  action,
  onAction,
  children,
}: {
  title: string
  requestId: string | undefined
  action: string
  onAction: () => void
  children: ReactNode
}) {
  return (
    <main role="alert" className="flex min-h-dvh flex-col items-center justify-center px-4 text-center">
      <h1 className="text-lg font-semibold text-danger">{title}</h1>
      <p className="mt-1 max-w-md text-dim">{children}</p>
      {requestId && (
        <p className="mt-1 text-sm text-dim">
          Request ID <code className="font-mono text-text select-all">{requestId}</code>
        </p>
      )}
      <div className="mt-4">
        <button type="button" className={buttonLook('secondary', false)} onClick={onAction}>
          {action}
        </button>
      </div>
    </main>
  )
}
