import { Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Page } from '#components/shell/page.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { Tabs } from '#components/ui/tabs.tsx'
import { formatCount, plural } from '#lib/format/count.ts'
import { createKeyHref, keyListHref } from '#lib/key-list-url.ts'
import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { QuotaView } from '#lib/kms/model/views.ts'

export const keyListCrumbs = [{ label: 'Key Management Service' }]

const panelId = 'key-list'

/** What stands around the list: title, tabs, quota, Create Key. */
export function KeyListPage({
  list,
  quota,
  createRefusal,
  children,
}: {
  list: KeyListInput
  /** Left out when the caller may not see it. */
  quota?: QuotaView
  createRefusal?: string | null
  children: ReactNode
}) {
  const { projectId, defaultKeys } = list
  const current = defaultKeys ? 'default' : 'custom'
  return (
    <Page
      crumbs={keyListCrumbs}
      title="Keys"
      tabs={
        <Tabs
          label="Kinds of keys"
          current={current}
          panelId={panelId}
          tabs={[
            { id: 'custom', label: 'Custom Keys', href: keyListHref({ projectId }) },
            { id: 'default', label: 'Default Keys', href: keyListHref({ projectId, defaultKeys: true }) },
          ]}
        />
      }
      aside={
        quota &&
        (defaultKeys ? 'Managed by Keystead and not counted in the quota' : <QuotaLine quota={quota} />)
      }
      actions={
        quota && (
          <LinkButton
            role="button"
            variant="primary"
            prefetch={false}
            href={createKeyHref(list)}
            reason={createRefusal}
            icon={<Plus size={16} aria-hidden="true" />}
          >
            Create Key
          </LinkButton>
        )
      }
    >
      <div
        role="tabpanel"
        id={panelId}
        aria-labelledby={`tab-${current}`}
        className="flex min-w-0 flex-1 flex-col"
      >
        {children}
      </div>
    </Page>
  )
}

function QuotaLine({ quota: { limit, used, left, exact } }: { quota: QuotaView }) {
  return (
    <span className="tabular-nums">
      {formatCount(used)}
      {!exact && '+'} of {plural(limit, 'custom key')} ·{' '}
      <span className={left === 0 ? 'text-warning' : undefined}>
        {left === 0 ? 'no more can be created' : `${formatCount(left)} more can be created`}
      </span>
    </span>
  )
}
