'use client'

import { useSearchParams } from 'next/navigation'
import { type ComponentProps, useEffect } from 'react'
import { savePreference } from '#components/ui/preference.ts'
import { Shell } from './shell.tsx'

type ConsoleShellProps = Omit<ComponentProps<typeof Shell>, 'current'> & {
  /** The project of an address that names none. */
  usualProject: string
}

/**
 * The shell around the page at hand. Its project is read from the address in the browser: a layout is not drawn again
 * when only the address changes, and must not go on naming the project one has left.
 */
export function ConsoleShell({ usualProject, regions, ...rest }: ConsoleShellProps) {
  const named = useSearchParams().get('project')
  const holds = (id: string | null) => regions.find(({ projects }) => projects.some((one) => one.id === id))
  const projectId = named && holds(named) ? named : usualProject
  const regionId = holds(projectId)?.id ?? ''

  useEffect(() => {
    if (projectId) savePreference('project', projectId)
  }, [projectId])

  return <Shell {...rest} regions={regions} current={{ regionId, projectId }} />
}
