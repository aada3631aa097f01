'use client'

import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/page-state.tsx'

/** Shown in place of a page that could not be drawn. The digest is the id under which the server logged why. */
export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  return (
    <main className="flex min-h-[60vh] flex-col justify-center">
      <ErrorState
        title="This page could not be loaded"
        requestId={error.digest}
        actions={<Button onClick={reset}>Try again</Button>}
      >
        Nothing was changed by this. Try again; if it stays, give an administrator the ID below.
      </ErrorState>
    </main>
  )
}
