import type { ErrorCode } from './errors.ts'
import type { KeySpec, KeyUsage } from './key-spec.ts'
import type { KeyOperation, KeyState } from './key-state.ts'

/** What leaves the domain: rows of the database never do. Moments are ISO 8601 strings in UTC. */

export type EnterpriseProjectView = { id: string; name: string }

/** Why an operation cannot be done to a key now, in a few words; null: it can. */
export type Refusals = Record<KeyOperation, string | null>

export type KeyView = {
  id: string
  name: string
  description: string
  projectId: string
  state: KeyState
  spec: KeySpec
  usage: KeyUsage
  origin: 'kms' | 'external'
  enterpriseProject: EnterpriseProjectView
  isDefault: boolean
  hasMaterial: boolean
  revision: number
  createdAt: string
  stateChangedAt: string
  /** Pending deletion only: from this moment the key is gone. */
  deletionAt: string | null
  materialExpiresAt: string | null
  /** The last use that was not refused; null: never. Up to five seconds old. */
  lastUsedAt: string | null
  /** Uses that were not refused, and those that were, on the last 30 days in UTC, today included. Up to five seconds old. */
  calls30Days: number
  refusedCalls30Days: number
  refusals: Refusals
}

/** `exact` false: there are more than `count`. */
export type Total = { count: number; exact: boolean }

/** Custom keys of the project; `exact` false: more than `used`, and `left` is then counted from `used`. */
export type QuotaView = { limit: number; used: number; left: number; exact: boolean }

export type KeyPage = {
  keys: KeyView[]
  total: Total
  page: number
  pageSize: number
  quota: QuotaView
  /** Whether the project holds any key of this tab at all: empty differs from no match. */
  anyKeys: boolean
  /** All of the account, to filter by. */
  enterpriseProjects: EnterpriseProjectView[]
  /** The moment of the database clock at which the page was read. */
  readAt: string
  /** Why the caller cannot create a key, or null. */
  createRefusal: string | null
}

/** Keys that match a filter, per state; what "select all that match" acts on. */
export type StateCounts = Record<KeyState, number>

export type ChangeStatus = 'planned' | 'applying' | 'confirming' | 'done' | 'stopped'

export type ItemOutcome = 'pending' | 'done' | 'failed' | 'skipped' | 'changed'

export type ChangeItemView = {
  ordinal: number
  keyId: string
  /** Name when the change was planned; null for a key that was not found. */
  keyName: string | null
  keySpec: KeySpec | null
  state: KeyState | null
  nextState: KeyState | null
  outcome: ItemOutcome
  reasonCode: ErrorCode | null
  /** Why it was skipped or failed, in words. */
  reason: string | null
  warnings: string[]
  /** Set on a failure that is not explained: names the line in the log. */
  requestId: string | null
}

export type ChangeView = {
  id: string
  projectId: string
  operation: KeyOperation
  status: ChangeStatus
  authorName: string
  /** Whether the caller planned it; only the author can apply, stop, retry or undo. */
  mine: boolean
  expired: boolean
  /** Names of the instances that may not know of it yet; empty unless it is 'confirming'. */
  awaitedInstances: string[]
  total: number
  counts: Record<ItemOutcome, number>
  pendingDays: number | null
  deletionAt: string | null
  plannedAt: string
  expiresAt: string
  appliedAt: string | null
  finishedAt: string | null
  parentId: string | null
  undoOf: string | null
  /** How many items can be tried again; 0 while it runs. */
  retryable: number
  /** The inverse operation and how many keys it would still fit; null when there is none. */
  undo: { operation: KeyOperation; keys: number } | null
  /** One page of the items, in the order of the selection. */
  items: ChangeItemView[]
  itemsPage: { page: number; pageSize: number; total: number }
}

export type ProjectView = { id: string; name: string; regionId: string; isDefault: boolean }

export type RegionView = { id: string; name: string; projects: ProjectView[] }

/** What every signed-in page shows around its content. */
export type ShellView = {
  user: { id: string; name: string; email: string; roles: string[] }
  regions: RegionView[]
}

/** What the create form needs when it opens. */
export type CreateFormView = {
  projectId: string
  suggestedName: string
  idempotencyKey: string
  quota: QuotaView
  enterpriseProjects: EnterpriseProjectView[]
  createRefusal: string | null
}
