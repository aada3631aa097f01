import { formatCount } from '#lib/format/count.ts'
import type { QuotaView } from '#lib/kms/model/views.ts'

/** How many more keys the project can hold; in the words of the list. */
export function QuotaLeft({ quota: { left } }: { quota: QuotaView }) {
  return (
    <span className={left === 0 ? 'text-warning' : 'tabular-nums'}>
      {left === 0 ? 'No more custom keys can be created' : `${formatCount(left)} more can be created`}
    </span>
  )
}
