'use client'

import { CircleUserRound, LogOut } from 'lucide-react'
import { unstable_rethrow } from 'next/navigation'
import { useTransition } from 'react'
import { announce } from '#components/ui/announcement.ts'
import { buttonLook } from '#components/ui/button-look.ts'
import { classNames } from '#components/ui/class-names.ts'
import { Menu } from '#components/ui/menu.tsx'

export type ShellUser = { name: string; email: string; roles: readonly string[] }

/** Who is signed in, with which roles, and the way out. */
export function UserMenu({ user, signOut }: { user: ShellUser; signOut: () => Promise<unknown> }) {
  const [pending, startTransition] = useTransition()

  function leave() {
    startTransition(async () => {
      try {
        await signOut()
      } catch (error) {
        unstable_rethrow(error)
        announce('You are still signed in: the server could not be reached.', { tone: 'danger' })
      }
    })
  }

  return (
    <Menu
      label="User"
      placement="bottom end"
      entries={[
        {
          kind: 'heading',
          id: 'who',
          label: user.name,
          detail: `${user.email}\n${user.roles.join(', ') || 'No role'}`,
        },
        {
          id: 'sign-out',
          label: 'Sign out',
          icon: <LogOut size={16} aria-hidden="true" />,
          onAction: leave,
        },
      ]}
    >
      {(trigger) => (
        <button
          type="button"
          {...trigger}
          aria-label={`User: ${user.name}`}
          aria-busy={pending || undefined}
          className={classNames(buttonLook('quiet', false), 'max-w-44')}
        >
          <CircleUserRound size={16} className="shrink-0" aria-hidden="true" />
          <span className="hidden truncate sm:block">{user.name}</span>
        </button>
      )}
    </Menu>
  )
}
