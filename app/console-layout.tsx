import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { ConsoleShell } from '#components/shell/console-shell.tsx'
import { themeFrom } from '#components/shell/theme.ts'
import { signOutAction } from '#lib/actions/session.ts'
import { readUsualProject } from '#lib/queries/current-project.ts'
import { readShell } from '#lib/queries/shell.ts'

/** What stands around every signed-in page. */
export async function ConsoleLayout({ children }: { children: ReactNode }) {
  const [{ user, regions }, usualProject, cookie] = await Promise.all([
    readShell(),
    readUsualProject(),
    cookies(),
  ])
  return (
    <ConsoleShell
      user={user}
      regions={regions}
      usualProject={usualProject}
      theme={themeFrom(cookie.get('theme')?.value)}
      signOut={signOutAction}
    >
      {children}
    </ConsoleShell>
  )
}
