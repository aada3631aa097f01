'use client'

import { Monitor, Moon, Sun, SunMoon } from 'lucide-react'
import { useState } from 'react'
import { buttonLook } from '#components/ui/button-look.ts'
import { Menu } from '#components/ui/menu.tsx'
import { savePreference } from '#components/ui/preference.ts'
import type { Theme } from './theme.ts'

export type { Theme } from './theme.ts'

const choices = [
  { id: 'light', label: 'Light', icon: <Sun size={16} aria-hidden="true" /> },
  { id: 'dark', label: 'Dark', icon: <Moon size={16} aria-hidden="true" /> },
  { id: 'system', label: 'As the system', icon: <Monitor size={16} aria-hidden="true" /> },
] as const

/** Light, dark, or as the system. Kept in a cookie, so that the server already draws the right one. */
export function ThemeMenu({ theme: saved }: { theme: Theme }) {
  const [theme, setTheme] = useState(saved)
  return (
    <Menu
      label="Theme"
      placement="bottom end"
      entries={choices.map((choice) => ({
        ...choice,
        checked: choice.id === theme,
        onAction: () => {
          savePreference('theme', choice.id)
          document.documentElement.dataset.theme = choice.id
          setTheme(choice.id)
        },
      }))}
    >
      {(trigger) => (
        <button
          type="button"
          {...trigger}
          aria-label="Theme"
          data-tooltip="Theme"
          className={buttonLook('quiet', false, true)}
        >
          <SunMoon size={16} aria-hidden="true" />
        </button>
      )}
    </Menu>
  )
}
