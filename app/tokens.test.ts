import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

const tokens = new Map<string, { light: string; dark: string }>()
for (const [, name, light, dark] of css.matchAll(
  /--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g,
)) {
  if (name && light && dark) tokens.set(name, { light, dark })
}

/** Relative luminance, WCAG 2.2 definition. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(front: string, back: string): number {
  const [low, high] = [luminance(front), luminance(back)].sort((a, b) => a - b) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

const plain = ['canvas', 'surface', 'raised', 'sunken', 'hover', 'accent-tint']
const cases: { what: string; least: number; front: string[]; back: string[] }[] = [
  { what: 'text', least: 4.5, front: ['strong', 'text', 'dim', 'accent'], back: plain },
  { what: 'text on a fill', least: 4.5, front: ['on-fill'], back: ['accent-fill', 'accent-fill-hover'] },
  { what: 'text on red', least: 4.5, front: ['on-fill'], back: ['danger-fill', 'danger-fill-hover'] },
  { what: 'success', least: 4.5, front: ['success'], back: [...plain, 'success-tint'] },
  { what: 'warning', least: 4.5, front: ['warning'], back: [...plain, 'warning-tint'] },
  { what: 'danger', least: 4.5, front: ['danger'], back: [...plain, 'danger-tint'] },
  { what: 'info', least: 4.5, front: ['info'], back: [...plain, 'info-tint'] },
  {
    what: 'text in a callout',
    least: 4.5,
    front: ['text', 'strong'],
    back: ['success-tint', 'warning-tint', 'danger-tint', 'info-tint'],
  },
  { what: 'disabled text', least: 3, front: ['disabled'], back: plain },
  { what: 'control borders', least: 3, front: ['control', 'danger-line'], back: plain.slice(0, 5) },
  { what: 'focus ring', least: 3, front: ['accent-line'], back: plain },
  { what: 'fills as shapes', least: 3, front: ['accent-fill', 'danger-fill'], back: ['canvas', 'surface'] },
]

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  const colour = (name: string) => {
    const pair = tokens.get(name)
    if (!pair) throw new Error(`no token --${name}`)
    return pair[theme]
  }
  const pairs = cases.flatMap(({ what, least, front, back }) =>
    front.flatMap((f) => back.map((b) => ({ what, least, f, b }))),
  )
  test.each(pairs)('$what: $f on $b is at least $least', ({ least, f, b }) => {
    expect(contrast(colour(f), colour(b))).toBeGreaterThanOrEqual(least)
  })
})
