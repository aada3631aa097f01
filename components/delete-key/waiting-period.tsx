'use client'

import { useFormContext } from 'react-hook-form'
import { FormNumberField } from '#components/form/fields.tsx'
import { classNames } from '#components/ui/class-names.ts'
import { useZone } from '#components/ui/zone.tsx'
import { formatCount, plural } from '#lib/format/count.ts'
import { momentParts } from '#lib/format/time.ts'
import { pendingDays } from '#lib/kms/model/inputs/change.ts'
import { dayMilliseconds, limits } from '#lib/kms/model/limits.ts'

const range = `${limits.pendingDaysMin} to ${formatCount(limits.pendingDaysMax)}`

/**
 * The waiting period, and the day that follows from it while it is typed.
 *
 * @param now the moment at which the page was read: the server computes the exact one when it is applied.
 */
export function WaitingPeriod({ now }: { now: string }) {
  const zone = useZone()
  const { watch, formState } = useFormContext<{ pendingDays: string }>()
  const days = pendingDays.safeParse(watch('pendingDays'))
  const at = days.success ? new Date(new Date(now).getTime() + days.data * dayMilliseconds) : null

  return (
    <div className="flex flex-col gap-2">
      <FormNumberField
        name="pendingDays"
        label="Waiting Period (days)"
        hint={`A whole number of days, ${range}. During it the keys cannot be used and the deletion can be canceled.`}
        placeholder={`An integer from ${range}`}
        inputClassName="w-56! text-left!"
      />
      <p
        aria-live="polite"
        className={classNames('text-strong tabular-nums', !formState.errors.pendingDays && 'min-h-5')}
      >
        {at && days.success && `Deleted about ${momentParts(at, zone).date}, in ${plural(days.data, 'day')}`}
      </p>
    </div>
  )
}
