'use client'

import { KeyRound } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { classNames } from '#components/ui/class-names.ts'
import { routes } from '#lib/routes.ts'

/* Only entries that exist. Their order and words: "Huawei KMS console". */
const sections = [
  {
    area: 'Security & Compliance',
    service: 'Data Encryption Workshop',
    entries: [
      {
        label: 'Key Management Service',
        Icon: KeyRound,
        href: (project: string) => routes.keys(project),
        holds: (pathname: string) => pathname.startsWith('/keys') || pathname.startsWith('/changes'),
      },
    ],
  },
]

/** The left menu. */
export function Navigation({ projectId }: { projectId: string }) {
  const pathname = usePathname()
  return (
    <nav aria-label="Services" className="flex flex-col gap-4 overflow-y-auto px-2 py-2">
      {sections.map(({ area, service, entries }) => (
        <div key={service}>
          <p className="px-2 text-xs text-dim">{area}</p>
          <p className="px-2 pt-0.5 pb-2 text-sm font-medium text-strong">{service}</p>
          <ul>
            {entries.map(({ label, Icon, href, holds }) => {
              const here = holds(pathname)
              return (
                <li key={label}>
                  <Link
                    href={href(projectId)}
                    aria-current={here ? 'page' : undefined}
                    className={classNames(
                      'flex h-8 items-center gap-2 rounded-md px-2 text-sm transition-colors',
                      here
                        ? 'bg-accent-tint font-medium text-accent'
                        : 'text-text hover:bg-hover hover:text-strong',
                    )}
                  >
                    <Icon size={16} className="shrink-0" aria-hidden="true" />
                    <span className="truncate">{label}</span>
                  </Link>
                </li>
              )
            })}
          </ul>
        </div>
      ))}
    </nav>
  )
}
