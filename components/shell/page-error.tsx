'use client'

import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/page-state.tsx'
import { Page } from './page.tsx'

export type PageErrorProps = { error: Error & { digest?: string }; retry: () => void }

/** In place of a page that could not be drawn. The digest is the id under which the server logged why. */
export function PageError({ error, retry }: PageErrorProps) {
  return (
    <ErrorState
      title="This page could not be loaded"
      requestId={error.digest}
      actions={<Button onClick={retry}>Try again</Button>}
    >
      Nothing was changed by this. Try again; if it stays, give an administrator the ID below.
    </ErrorState>
  )
}

/** The same inside the shell. */
export function ShellError(props: PageErrorProps) {
  return (
    <Page title="Something went wrong" crumbs={[{ label: 'Something went wrong' }]}>
      <PageError {...props} />
    </Page>
  )
}
