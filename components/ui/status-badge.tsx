import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'
import { Spinner } from './spinner.tsx'

type Tone = 'success' | 'neutral' | 'warning' | 'info' | 'danger'

const tones: Record<Tone, string> = {
  success: 'bg-success-tint text-success',
  neutral: 'bg-sunken text-dim',
  warning: 'bg-warning-tint text-warning',
  info: 'bg-info-tint text-info',
  danger: 'bg-danger-tint text-danger',
}

const tick = <path d="m3 6.3 2 2 4-4.6" />
const clock = (
  <>
    <circle cx="6" cy="6" r="4.5" />
    <path d="M6 3.5V6l1.6 1.2" />
  </>
)

/* Each status differs by word, shape and colour, so that no single one of the three has to be seen. */
const statuses = {
  enabled: { words: 'Enabled', tone: 'success', shape: <circle cx="6" cy="6" r="3.5" fill="currentColor" /> },
  disabled: {
    words: 'Disabled',
    tone: 'neutral',
    shape: (
      <>
        <circle cx="6" cy="6" r="4.5" />
        <path d="M3.8 6h4.4" />
      </>
    ),
  },
  'pending-deletion': { words: 'Pending deletion', tone: 'warning', shape: clock },
  'pending-import': {
    words: 'Pending import',
    tone: 'info',
    shape: <path d="M6 1.5v5M3.8 4.6 6 6.8l2.2-2.2M2 8.2v2.3h8V8.2" />,
  },
  destroyed: { words: 'Destroyed', tone: 'neutral', shape: <path d="m3 3 6 6M9 3 3 9" /> },
  done: { words: 'Done', tone: 'success', shape: tick },
  failed: { words: 'Failed', tone: 'danger', shape: <path d="m3 3 6 6M9 3 3 9" /> },
  skipped: { words: 'Skipped', tone: 'neutral', shape: <path d="M2.5 3.5 6 6 2.5 8.5zM9 3.5v5" /> },
  changed: {
    words: 'Changed since review',
    tone: 'warning',
    shape: <path d="M6 1.8 11 10.3H1zM6 5v2.4M6 8.9v.1" />,
  },
  waiting: { words: 'Waiting', tone: 'neutral', shape: clock },
  working: { words: 'Working', tone: 'info', shape: null },
} as const satisfies Record<string, { words: string; tone: Tone; shape: ReactNode }>

export type Status = keyof typeof statuses

/** State of a key, or outcome of a step: word, shape and colour. `children` replaces the word, never the meaning. */
export function StatusBadge({ status, children }: { status: Status; children?: ReactNode }) {
  const { words, tone, shape } = statuses[status]
  return (
    <span
      className={classNames(
        'inline-flex h-5 items-center gap-1 rounded-sm px-1.5 align-middle text-xs font-medium whitespace-nowrap shadow-[inset_0_0_0_1px_color-mix(in_srgb,currentColor_16%,transparent)]',
        tones[tone],
      )}
    >
      {shape ? (
        <svg
          width="12"
          height="12"
          viewBox="0 0 12 12"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeLinecap="round"
          strokeLinejoin="round"
          aria-hidden="true"
          className="shrink-0"
        >
          {shape}
        </svg>
      ) : (
        <Spinner size={12} />
      )}
      {children ?? words}
    </span>
  )
}
