'use client'

import { Check } from 'lucide-react'
import { useRouter } from 'next/navigation'
import type { RefObject } from 'react'
import { Header } from 'react-aria-components/Header'
import { Menu, MenuItem, MenuSection } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { Separator } from 'react-aria-components/Separator'
import { classNames } from './class-names.ts'
import type { MenuEntry, MenuProps } from './menu.tsx'

type Props = Required<Pick<MenuProps, 'label' | 'entries' | 'placement'>> & {
  id: string
  triggerRef: RefObject<HTMLButtonElement | null>
  onClose: () => void
}

/** The open menu: arrow keys, typing to find, Escape, focus back to the button. */
export default function MenuPanel({ id, label, entries, triggerRef, placement, onClose }: Props) {
  return (
    <Popover
      isOpen
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      aria-label={label}
      triggerRef={triggerRef}
      placement={placement}
      offset={4}
      className="rise z-50 max-w-[calc(100vw-16px)] min-w-48 overflow-y-auto rounded-md border border-line-strong bg-raised shadow-[0_4px_16px_rgb(0_0_0/0.12)]"
    >
      <Menu id={id} aria-label={label} autoFocus="first" onClose={onClose} className="p-1 outline-none">
        {sections(entries).map(({ heading, actions }, at) => [
          at > 0 && <Separator key={`line-${actions[0]?.id ?? at}`} className="-mx-1 my-1 h-px bg-line" />,
          <MenuSection key={heading?.id ?? `section-${at}`} aria-label={heading?.label ?? label}>
            {heading && (
              <Header className="px-2 pt-1.5 pb-1 text-xs text-dim">
                <span className={heading.detail && 'block text-base font-medium text-strong'}>
                  {heading.label}
                </span>
                {heading.detail && (
                  <span className="block whitespace-pre-line wrap-anywhere">{heading.detail}</span>
                )}
              </Header>
            )}
            {actions.map((entry) => (
              <Item key={entry.id} entry={entry} />
            ))}
          </MenuSection>,
        ])}
      </Menu>
    </Popover>
  )
}

type Action = Exclude<MenuEntry, { kind: 'heading' | 'divider' }>
type Heading = Extract<MenuEntry, { kind: 'heading' }>

function sections(entries: readonly MenuEntry[]): { heading?: Heading; actions: Action[] }[] {
  const found: { heading?: Heading; actions: Action[] }[] = []
  for (const entry of entries) {
    if (entry.kind === 'heading') found.push({ heading: entry, actions: [] })
    else if (entry.kind === 'divider') found.push({ actions: [] })
    else {
      if (found.length === 0) found.push({ actions: [] })
      found.at(-1)?.actions.push(entry)
    }
  }
  return found
}

function Item({ entry }: { entry: Action }) {
  const router = useRouter()
  const { href, onAction } = entry
  return (
    <MenuItem
      id={entry.id}
      textValue={entry.label}
      {...(entry.checked !== undefined && {
        'aria-label': entry.checked ? `${entry.label} (current)` : entry.label,
      })}
      onAction={() => {
        onAction?.()
        if (href) router.push(href)
      }}
      className={classNames(
        'flex min-h-8 cursor-pointer items-center gap-2 rounded-sm px-2 py-1 outline-none data-focused:bg-sunken data-focus-visible:shadow-[inset_0_0_0_2px_var(--accent-line)]',
        entry.danger ? 'text-danger' : 'text-text data-focused:text-strong',
      )}
    >
      {entry.icon}
      <span className="min-w-0 flex-1">
        <span className="block truncate">{entry.label}</span>
        {entry.detail && <span className="block truncate text-xs text-dim">{entry.detail}</span>}
      </span>
      {entry.checked && <Check size={16} className="shrink-0 text-accent" aria-hidden="true" />}
    </MenuItem>
  )
}
