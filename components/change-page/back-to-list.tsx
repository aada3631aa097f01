import { ChevronLeft } from 'lucide-react'
import { LinkButton } from '#components/ui/link-button.tsx'

/** The chevron left of the title of a page that was opened from the list. */
export function BackToList({ href }: { href: string }) {
  return (
    <LinkButton
      href={href}
      variant="quiet"
      square
      aria-label="Back to keys"
      icon={<ChevronLeft size={20} aria-hidden="true" />}
    />
  )
}
