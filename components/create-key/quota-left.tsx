import { formatCount, plural } from '#lib/format/count.ts'
import type { QuotaView } from '#lib/kms/model/views.ts'

/** How many more keys the project can hold. */
export function QuotaLeft({ quota: { left, limit } }: { quota: QuotaView }) {
  return (
    <span className="tabular-nums">
      {plural(left, 'more key', 'more keys')} can be created of {formatCount(limit)}
    </span>
  )
}
