'use client'

import { useState } from 'react'
import { formatCount } from '#lib/format/count.ts'
import type { KeyFilter } from '#lib/kms/model/inputs/key-filter.ts'
import { fetchStateCounts } from './fetch-state-counts.ts'

/** Beside "10,000+": counts exactly when asked to. */
export function ExactCount({ filter }: { filter: KeyFilter }) {
  const [answer, setAnswer] = useState<string>()
  const [counting, setCounting] = useState(false)

  async function count() {
    setCounting(true)
    const result = await fetchStateCounts(filter)
    setCounting(false)
    setAnswer(
      result.ok
        ? `exactly ${formatCount(Object.values(result.counts).reduce((sum, keys) => sum + keys, 0))}`
        : result.message,
    )
  }

  if (answer) return <span role="status">({answer})</span>
  return (
    <button
      type="button"
      onClick={count}
      aria-busy={counting || undefined}
      className="rounded-xs text-accent hover:underline"
    >
      {counting ? 'Counting' : 'Count exactly'}
    </button>
  )
}
