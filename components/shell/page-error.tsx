'use client'

import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/page-state.tsx'
import { Page } from './page.tsx'

/**
 * In the shell, in place of a page that could not be drawn: said as what it is, never shown as a list without rows.
 * The digest is the id under which the server logged why.
 */
export function ShellError({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <Page title="Something went wrong" crumbs={[{ label: 'Something went wrong' }]}>
      <ErrorState
        title="This page could not be loaded"
        requestId={error.digest}
        actions={<Button onClick={retry}>Try again</Button>}
      >
        Nothing was changed by this. Try again; if it stays, give an administrator the ID below.
      </ErrorState>
    </Page>
  )
}
