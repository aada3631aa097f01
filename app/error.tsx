'use client'

import { BareError } from '#components/shell/bare-error.tsx'

/** Outside the console, or when what stands around its pages could not be drawn either. */
export default function RootError({
  error,
  retry,
}: {
  error: Error & { digest?: string }
  retry: () => void
}) {
  return (
    <BareError
      title="This page could not be loaded"
      requestId={error.digest}
      action="Try again"
      onAction={retry}
    >
      Nothing was changed by this. Try again; if it stays, give an administrator the ID below.
    </BareError>
  )
}
