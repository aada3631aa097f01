import { ArrowRight } from 'lucide-react'
import { KeyStatus } from '#components/keys/key-status.tsx'
import type { KeyState } from '#lib/kms/model/key-state.ts'

/** The state a key is in and, when it will change, the one it will be in. */
export function StateChange({ from, to }: { from: KeyState | null; to: KeyState | null }) {
  if (from === null) return <span className="text-dim">Unknown</span>
  if (to === null || to === from) return <KeyStatus state={from} />
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5 align-middle sm:flex-nowrap">
      <KeyStatus state={from} />
      <ArrowRight size={14} className="text-dim" aria-hidden="true" />
      <span className="sr-only"> becomes </span>
      <KeyStatus state={to} />
    </span>
  )
}
