import { CircleAlert, Inbox, LockKeyhole, SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

type StateProps = {
  title: string
  /** One or two sentences: why, and what to do. */
  children?: ReactNode
  /** The next step. */
  actions?: ReactNode
}

/** Nothing has been made yet. Not for an error and not for a filter that matches nothing. */
export function EmptyState(props: StateProps) {
  return <State {...props} icon={<Inbox size={20} aria-hidden="true" />} />
}

/** The filter matches nothing; `actions` holds the button that clears it. */
export function NoMatch(props: StateProps) {
  return <State {...props} icon={<SearchX size={20} aria-hidden="true" />} />
}

/** The person may not see this; says who could give the right. */
export function NoPermission(props: StateProps) {
  return <State {...props} icon={<LockKeyhole size={20} aria-hidden="true" />} />
}

/** It could not be loaded. Never shown as an empty list. `requestId` lets the log be found. */
export function ErrorState({ requestId, ...props }: StateProps & { requestId?: string | undefined }) {
  return (
    <State {...props} tone="danger" role="alert" icon={<CircleAlert size={20} aria-hidden="true" />}>
      {props.children}
      {requestId && (
        <p className="mt-1 text-sm">
          Request ID <code className="font-mono text-text select-all">{requestId}</code>
        </p>
      )}
    </State>
  )
}

function State({
  title,
  children,
  actions,
  icon,
  tone,
  role,
}: StateProps & { icon: ReactNode; tone?: 'danger'; role?: 'alert' }) {
  return (
    <div role={role} className="flex flex-col items-center px-4 py-16 text-center">
      <span
        className={classNames(
          'mb-3 flex size-10 items-center justify-center rounded-md',
          tone === 'danger' ? 'bg-danger-tint text-danger' : 'bg-sunken text-dim',
        )}
      >
        {icon}
      </span>
      <h2 className="text-lg font-semibold text-strong">{title}</h2>
      {children && <div className="mt-1 max-w-md text-dim wrap-anywhere">{children}</div>}
      {actions && <div className="mt-4 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  )
}
