'use client'

import './globals.css'
import { BareError } from '#components/shell/bare-error.tsx'

/** The last resort, when even the layout failed: it brings its own html and knows no preferences. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en" data-theme="system">
      <body>
        <title>Something went wrong · Keystead</title>
        <BareError
          title="Something went wrong"
          requestId={error.digest}
          action="Reload the page"
          onAction={() => window.location.reload()}
        >
          Nothing was changed by this.
        </BareError>
      </body>
    </html>
  )
}
