import type { ReactNode } from 'react'
import { Callout } from '#components/ui/callout.tsx'
import { TextLink } from '#components/ui/text-link.tsx'

/** A link that leads nowhere, and what to do about it. */
export function LinkProblem({ children }: { children: ReactNode }) {
  return (
    <>
      <Callout tone="danger" role="alert">
        {children}
      </Callout>
      <p>
        <TextLink href="/sign-in">Go to sign-in</TextLink>
      </p>
    </>
  )
}
