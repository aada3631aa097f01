import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import { classNames } from './class-names.ts'

const tones = {
  info: { box: 'bg-info-tint border-info/25', mark: 'text-info', Icon: Info },
  warning: { box: 'bg-warning-tint border-warning/25', mark: 'text-warning', Icon: TriangleAlert },
  danger: { box: 'bg-danger-tint border-danger/25', mark: 'text-danger', Icon: CircleAlert },
  success: { box: 'bg-success-tint border-success/25', mark: 'text-success', Icon: CircleCheck },
}

export type CalloutTone = keyof typeof tones

/** Something to know before going on, in its place in the page. `role="alert"` when it appears after a press. */
export function Callout({
  tone,
  title,
  role,
  actions,
  ref,
  children,
}: {
  tone: CalloutTone
  title?: ReactNode
  role?: 'alert' | 'status'
  actions?: ReactNode
  ref?: Ref<HTMLDivElement>
  children?: ReactNode
}) {
  const { box, mark, Icon } = tones[tone]
  return (
    <div
      ref={ref}
      role={role}
      tabIndex={ref ? -1 : undefined}
      className={classNames('flex items-start gap-2.5 rounded-md border px-3 py-2 text-text', box)}
    >
      <Icon size={16} className={classNames('mt-0.5 shrink-0', mark)} aria-hidden="true" />
      <div className="min-w-0 flex-1 wrap-anywhere">
        {title && <p className="font-medium text-strong">{title}</p>}
        {children}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  )
}
