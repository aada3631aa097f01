import { type Status, StatusBadge } from '#components/ui/status-badge.tsx'
import type { KeyState } from '#lib/kms/model/key-state.ts'

const statuses: Record<KeyState, Status> = {
  2: 'enabled',
  3: 'disabled',
  4: 'pending-deletion',
  5: 'pending-import',
}

/** The state of a key: word, shape and colour. */
export function KeyStatus({ state }: { state: KeyState }) {
  return <StatusBadge status={statuses[state]} />
}
