'use client'

import './globals.css'
import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/page-state.tsx'

/** The last resort, when even the layout failed: it brings its own html and knows no preferences. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en" data-theme="system">
      <body>
        <title>Something went wrong · Keystead</title>
        <main className="flex min-h-dvh flex-col justify-center">
          <ErrorState
            title="Something went wrong"
            requestId={error.digest}
            actions={<Button onClick={() => window.location.reload()}>Reload the page</Button>}
          >
            Nothing was changed by this.
          </ErrorState>
        </main>
      </body>
    </html>
  )
}
