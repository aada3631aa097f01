import type { ComponentProps } from 'react'

/** Text for screen readers. By class, since the content security policy forbids style attributes in the HTML. */
export function VisuallyHidden(props: ComponentProps<'span'>) {
  return <span {...props} className="sr-only" />
}
