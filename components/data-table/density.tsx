'use client'

import { Rows2, Rows3 } from 'lucide-react'
import { savePreference } from '#components/ui/preference.ts'
import { Segmented } from '#components/ui/segmented.tsx'
import type { Density } from './density-choice.ts'

const options = [
  { value: 'comfortable', label: 'Comfortable', icon: <Rows2 size={16} aria-hidden="true" /> },
  { value: 'compact', label: 'Compact', icon: <Rows3 size={16} aria-hidden="true" /> },
] as const

/** Chooses how close the rows stand, and keeps it for the next visit. */
export function DensitySwitch({
  density,
  onChange,
}: {
  density: Density
  onChange: (density: Density) => void
}) {
  return (
    <Segmented<Density>
      label="Row density"
      hideLabel
      value={density}
      options={options}
      onChange={(next) => {
        savePreference('density', next)
        onChange(next)
      }}
    />
  )
}
