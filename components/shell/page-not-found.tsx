import { LinkButton } from '#components/ui/link-button.tsx'
import { NoMatch } from '#components/ui/page-state.tsx'
import { routes } from '#lib/routes.ts'
import { Page } from './page.tsx'

/** In the shell, where an address leads to nothing, or to something the person may not see: the two look the same. */
export function PageNotFound() {
  return (
    <Page title="Page not found" crumbs={[{ label: 'Page not found' }]}>
      <NoMatch
        title="There is nothing at this address"
        actions={<LinkButton href={routes.home()}>Go to the keys</LinkButton>}
      >
        It may be gone, or you may not see it.
      </NoMatch>
    </Page>
  )
}
