'use client'

import { useContext } from 'react'
import { columnsOf } from '#components/data-table/columns.ts'
import { TwoLines } from '#components/data-table/two-lines.tsx'
import { Button } from '#components/ui/button.tsx'
import { classNames } from '#components/ui/class-names.ts'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { useZone } from '#components/ui/zone.tsx'
import { formatCount } from '#lib/format/count.ts'
import { formatExactMoment, momentParts, shortOffset } from '#lib/format/time.ts'
import { formatTimeAgo } from '#lib/format/time-ago.ts'
import { formatTimeLeft } from '#lib/format/time-left.ts'
import { type KeyOperation, type KeyState, operationWords } from '#lib/kms/model/key-state.ts'
import type { KeyView } from '#lib/kms/model/views.ts'
import { KeyActionsContext } from './key-actions.ts'
import { KeyStatus } from './key-status.tsx'
import { originWords } from './key-words.ts'

const column = columnsOf<KeyView>()

const name = column.display({
  id: 'name',
  header: 'Name/ID',
  cell: ({ row }) => <NameCell keyView={row.original} />,
  meta: { sortable: true, card: 'title' },
})
const status = column.display({
  id: 'status',
  header: 'Status',
  cell: ({ row }) => <StatusCell keyView={row.original} />,
  meta: { sortable: true, width: 'w-46 compact:w-56', card: 'badge' },
})
const created = column.display({
  id: 'created',
  header: 'Created',
  cell: ({ row }) => <CreatedCell moment={row.original.createdAt} />,
  meta: { sortable: true, width: 'w-28', from: 'xl', card: 'line' },
})
const algorithm = column.display({
  id: 'algorithm',
  header: 'Key Algorithm and Usage',
  cell: ({ row: { original: key } }) => (
    <TwoLines
      cardRow
      first={<span className="text-text">{key.spec}</span>}
      second={
        <span className="block truncate" title={key.usage}>
          {key.usage}
        </span>
      }
    />
  ),
  meta: { sortable: true, width: 'w-48', card: 'line', cardLabel: 'Algorithm' },
})
const origin = column.display({
  id: 'origin',
  header: 'Origin',
  cell: ({ row }) => <span className="text-sm whitespace-nowrap">{originWords[row.original.origin]}</span>,
  meta: { sortable: true, width: 'w-32', from: 'xl', card: 'line' },
})
const enterpriseProject = column.display({
  id: 'enterpriseProject',
  header: 'Enterprise Project',
  cell: ({ row: { original: key } }) => (
    <span className="block truncate" title={key.enterpriseProject.name}>
      {key.enterpriseProject.name}
    </span>
  ),
  meta: { sortable: true, width: 'w-38', from: 'wide', card: 'line', cardLabel: 'Project' },
})
/** Uses are counted in each process and written every five seconds. */
const countedNote = 'Up to five seconds old. A crash of an endpoint loses no more than that.'

const lastUsedLook = {
  id: 'lastUsed',
  header: 'Last used',
  cell: ({ row }: { row: { original: KeyView } }) => <LastUsedCell moment={row.original.lastUsedAt} />,
  meta: { sortable: true, width: 'w-32', from: 'wide', card: 'line', note: countedNote },
} as const
const lastUsed = column.display(lastUsedLook)
const callsLook = {
  id: 'calls',
  header: 'Calls (30 days)',
  cell: ({ row }: { row: { original: KeyView } }) => <CallsCell keyView={row.original} />,
  meta: {
    sortable: true,
    width: 'w-35 compact:w-40',
    align: 'end',
    from: '2xl',
    card: 'line',
    cardLabel: 'Calls',
    note: countedNote,
  },
} as const
const calls = column.display(callsLook)
// Beside enterprise projects the name would keep too little room.
const callsBesideProjects = column.display({ ...callsLook, meta: { ...callsLook.meta, from: 'full' } })
const lastUsedBesideProjects = column.display({
  ...lastUsedLook,
  meta: { ...lastUsedLook.meta, from: 'full' },
})
const operation = column.display({
  id: 'operation',
  header: 'Operation',
  cell: ({ row }) => <OperationCell keyView={row.original} />,
  meta: { width: 'w-37', card: 'actions' },
})

const custom = column.columns([name, status, created, algorithm, origin, lastUsed, calls, operation])
const customOfProjects = column.columns([
  name,
  status,
  created,
  algorithm,
  origin,
  enterpriseProject,
  lastUsedBesideProjects,
  callsBesideProjects,
  operation,
])
const byDefault = column.columns([name, status, created, algorithm, lastUsed, calls, operation])
const byDefaultOfProjects = column.columns([
  name,
  status,
  created,
  algorithm,
  enterpriseProject,
  lastUsedBesideProjects,
  callsBesideProjects,
  operation,
])

/**
 * The columns of a tab: the enterprise project only once there is more than one; all default keys are of one origin.
 * Always one of the same few arrays, as the table asks for.
 */
export function keyColumns(defaultKeys: boolean, hasProjects: boolean) {
  if (defaultKeys) return hasProjects ? byDefaultOfProjects : byDefault
  return hasProjects ? customOfProjects : custom
}

/** The element that holds the name of a key; the buttons of its row are described by it. */
function nameId(key: KeyView): string {
  return `key-name-${key.id}`
}

function NameCell({ keyView: key }: { keyView: KeyView }) {
  return (
    <div className="@container flex min-w-0 items-center gap-1">
      <div className="flex min-w-0 flex-1 flex-col compact:flex-row compact:items-baseline compact:gap-2">
        <span
          id={nameId(key)}
          className="truncate font-medium text-strong compact:@3xs:max-w-3/4 compact:@3xs:shrink-0"
          title={key.name}
        >
          {key.name}
        </span>
        <span
          className="min-w-0 truncate font-mono text-xs/4 text-dim compact:@max-3xs:sr-only"
          title={key.id}
        >
          {key.id}
        </span>
      </div>
      <CopyButton text={key.id} label={`Copy ID of ${key.name}`} />
    </div>
  )
}

function StatusCell({ keyView: key }: { keyView: KeyView }) {
  return (
    <div className="flex flex-col compact:flex-row compact:items-center compact:gap-2">
      <div className="flex">
        <KeyStatus state={key.state} />
      </div>
      {/* On a phone it stands beside the operations: here it would leave the name no room */}
      <div className="min-w-0 text-xs/4 text-dim max-md:hidden">
        <NextStep keyView={key} />
      </div>
    </div>
  )
}

/** What a pending state waits for. */
function NextStep({ keyView: key }: { keyView: KeyView }) {
  if (key.deletionAt) return <DeletionTime moment={key.deletionAt} />
  if (key.state !== '5') return null
  return (
    <span
      className="block truncate"
      title={`Import key material: get-parameters-for-import, then POST /v1.0/${key.projectId}/kms/import-key-material. Until it is there the key cannot be used.`}
    >
      <span className="sr-only">Import key material: </span>POST …/import-key-material
    </span>
  )
}

function DeletionTime({ moment }: { moment: string }) {
  const { readAt } = useContext(KeyActionsContext)
  const zone = useZone()
  return (
    <time
      dateTime={moment}
      title={`Will be deleted on ${formatExactMoment(moment, zone)}`}
      className="block truncate tabular-nums"
    >
      <span className="compact:sr-only">{momentParts(moment, zone).date} · </span>
      <span className="text-warning">{formatTimeLeft(moment, readAt)}</span>
    </time>
  )
}

function CreatedCell({ moment }: { moment: string }) {
  const zone = useZone()
  const { date, clock, offset } = momentParts(moment, zone)
  return (
    <time
      dateTime={moment}
      title={formatExactMoment(moment, zone)}
      className="flex flex-col tabular-nums max-md:flex-row max-md:items-baseline max-md:gap-2"
    >
      {date}
      {/* On a line of its own, or not at all: the name needs the room more */}
      <span className="text-xs/4 text-dim compact:md:sr-only">
        {clock} {shortOffset(offset)}
      </span>
    </time>
  )
}

function LastUsedCell({ moment }: { moment: string | null }) {
  const { readAt } = useContext(KeyActionsContext)
  const zone = useZone()
  if (moment === null) return <span className="text-dim">Never</span>
  return (
    <time dateTime={moment} title={formatExactMoment(moment, zone)} className="block truncate tabular-nums">
      {formatTimeAgo(moment, readAt)}
    </time>
  )
}

function CallsCell({ keyView: { calls30Days, refusedCalls30Days } }: { keyView: KeyView }) {
  const refused = `${formatCount(refusedCalls30Days)} refused`
  return (
    <div className="flex flex-col compact:md:flex-row compact:md:items-baseline compact:md:justify-end compact:md:gap-2 max-md:flex-row max-md:flex-wrap max-md:items-baseline max-md:gap-x-2">
      {/* Never cut: what is left of a number is another number */}
      <span className={classNames('shrink-0 whitespace-nowrap', calls30Days === 0 && 'text-dim')}>
        {formatCount(calls30Days)} <span className="md:hidden">in 30 days</span>
      </span>
      {refusedCalls30Days > 0 && (
        <span className="min-w-0 truncate text-xs/4 text-warning" title={refused}>
          {refused}
        </span>
      )}
    </div>
  )
}

/** The operations a state offers, in the order of the buttons. */
const operationsOf: Record<KeyState, readonly KeyOperation[]> = {
  2: ['disable', 'scheduleDeletion'],
  3: ['enable', 'scheduleDeletion'],
  4: ['cancelDeletion'],
  5: ['scheduleDeletion'],
}

function OperationCell({ keyView: key }: { keyView: KeyView }) {
  const { start, planning, onNear } = useContext(KeyActionsContext)
  if (key.isDefault) {
    return (
      <span className="block truncate text-xs text-dim" title={key.refusals.disable ?? undefined}>
        Managed by Keystead
      </span>
    )
  }
  return (
    <div className="-ml-1.5 flex items-center gap-1" data-operations-of={key.id}>
      {operationsOf[key.state].map((operation, place) => (
        <Button
          // biome-ignore lint/suspicious/noArrayIndexKey: the button one has pressed stays and keeps the focus when the key's new state gives it another word
          key={place}
          variant="inline"
          aria-describedby={nameId(key)}
          reason={key.refusals[operation]}
          pending={planning?.keyId === key.id && planning.operation === operation}
          onClick={() => start(operation, key)}
          onPointerEnter={onNear}
          onFocus={onNear}
        >
          {operationWords[operation]}
        </Button>
      ))}
      <div className="ml-auto text-xs text-dim md:hidden">
        <NextStep keyView={key} />
      </div>
    </div>
  )
}
