'use client'

import { ChevronsUpDown } from 'lucide-react'
import { usePathname } from 'next/navigation'
import { Menu, type MenuEntry } from '#components/ui/menu.tsx'
import { inProject } from '#lib/routes.ts'

export type Region = { id: string; name: string; projects: readonly { id: string; name: string }[] }

/** Chooses the region and, in it, the project. Every page after that is about this project. */
export function ProjectSelector({
  regions,
  current,
}: {
  regions: readonly Region[]
  current: { regionId: string; projectId: string }
}) {
  const pathname = usePathname()
  const region = regions.find(({ id }) => id === current.regionId)
  const project = region?.projects.find(({ id }) => id === current.projectId)
  const entries = regions.flatMap<MenuEntry>(({ id, name, projects }) => [
    { kind: 'heading', id: `region-${id}`, label: name },
    ...projects.map((entry) => ({
      id: entry.id,
      label: entry.name,
      checked: entry.id === current.projectId,
      href: inProject(pathname, entry.id),
    })),
  ])
  return (
    <Menu label="Region and project" entries={entries}>
      {(trigger) => (
        <button
          type="button"
          {...trigger}
          aria-label={`Region and project: ${region?.name ?? 'none'}, ${project?.name ?? 'none'}`}
          className="flex h-9 w-full min-w-0 items-center gap-2 rounded-md border border-transparent px-2 text-left transition-colors hover:bg-hover lg:h-11 lg:border-control lg:bg-surface"
        >
          <span className="min-w-0 flex-1 leading-tight">
            <span className="block truncate text-xs/4 text-dim">{region?.name ?? 'Region'}</span>
            <span className="block truncate text-sm/4 font-medium text-strong" title={project?.name}>
              {project?.name ?? 'Project'}
            </span>
          </span>
          <ChevronsUpDown size={14} className="shrink-0 text-dim" aria-hidden="true" />
        </button>
      )}
    </Menu>
  )
}
