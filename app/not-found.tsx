import { PlainPage } from '#components/shell/plain-page.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { routes } from '#lib/routes.ts'

export default function NotFound() {
  return (
    <PlainPage
      still
      title="Page not found"
      description="There is nothing at this address, or you may not see it."
    >
      <LinkButton href={routes.home()} className="self-start">
        Go to the console
      </LinkButton>
    </PlainPage>
  )
}
