import { redirect } from 'next/navigation'
import { routes } from '#lib/routes.ts'

/** The front door leads to the keys. */
export default function Home() {
  redirect(routes.console())
}
