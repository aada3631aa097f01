import { cookies } from 'next/headers'
import type { RegionView } from '#lib/kms/model/views.ts'
import { readShell } from './shell.ts'

/**
 * The project a page without `project` in its address is about: the one used last in this browser, else the default
 * project of the first region.
 */
export async function readUsualProject(): Promise<string> {
  const { regions } = await readShell()
  const last = (await cookies()).get('project')?.value
  const projects = regions.flatMap((region: RegionView) => region.projects)
  const found =
    projects.find(({ id }) => id === last) ?? projects.find(({ isDefault }) => isDefault) ?? projects[0]
  return found?.id ?? ''
}

/** The project an address names; whether it exists and may be seen is for the verbs to say. */
export async function readProject(search: Record<string, string | string[] | undefined>): Promise<string> {
  const named = search.project
  const [first] = Array.isArray(named) ? named : [named]
  return first && /^[0-9a-f]{32}$/.test(first) ? first : readUsualProject()
}
