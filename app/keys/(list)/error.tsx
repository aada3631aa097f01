'use client'

import { keyListCrumbs } from '#components/keys/key-list-page.tsx'
import { Page } from '#components/shell/page.tsx'
import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/page-state.tsx'

/** The list could not be read: said as what it is, never drawn as a list without keys. */
export default function KeysError({
  error,
  retry,
}: {
  error: Error & { digest?: string }
  retry: () => void
}) {
  return (
    <Page crumbs={keyListCrumbs} title="Keys">
      <ErrorState
        title="The keys could not be loaded"
        requestId={error.digest}
        actions={<Button onClick={retry}>Try again</Button>}
      >
        Your keys are not affected by this. Try again; if it stays, give an administrator the ID below.
      </ErrorState>
    </Page>
  )
}
