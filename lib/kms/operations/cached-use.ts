import type { EntryName } from '../cache/entry.ts'
import type { LoadToken } from '../cache/load-token.ts'
import type { Reading } from '../cache/reading.ts'
import type { SubjectCache } from '../cache/subject-cache.ts'
import type { KmsContext } from '../context.ts'
import { type Subject, subjectOf } from '../invalidations/subject.ts'
import type { LockedKey } from '../keys/lock-key.ts'
import { keyUses, refusalOfUse } from '../model/key-use.ts'
import { can, type Rights } from '../model/permissions.ts'
import type { FoundKey, NamedKey } from './find-key.ts'
import type { OpenedSet } from './opened-set.ts'
import type { UsableKey, WantedUse } from './usable-key.ts'

/** Which key a caller means by what it said. */
type Route = { accountId: string; keyId: string }

const rightsName = (ctx: KmsContext): EntryName<Rights> => `rights ${ctx.accountId} ${ctx.actor.id}`

const keyName = (accountId: string, keyId: string): EntryName<LockedKey> => `key ${accountId} ${keyId}`

const materialName = (accountId: string, setId: string): EntryName<OpenedSet> =>
  `material ${accountId} ${setId}`

const textOf = (named: NamedKey): string => ('setId' in named ? `set ${named.setId}` : `id ${named.keyId}`)

/** By a right in the project: the same for every user who has it. */
const ownRouteName = (ctx: KmsContext, projectId: string, named: NamedKey): EntryName<Route> =>
  `own ${ctx.accountId} ${projectId} ${textOf(named)}`

/** By a grant, to this user. With a right in the project, a key there comes first: what was found without one does not count. */
const grantRouteName = (
  ctx: KmsContext,
  projectId: string,
  permitted: boolean,
  operation: string,
  named: NamedKey,
): EntryName<Route> =>
  `granted ${ctx.accountId} ${ctx.actor.id} ${projectId} ${permitted} ${operation} ${textOf(named)}`

/** What the caller may do, if it is known without asking; only active users are. */
export function cachedRights(ctx: KmsContext): Rights | null {
  return ctx.reading?.find(rightsName(ctx)) ?? null
}

/**
 * The keys that are wanted, ready for use, if everything that decides about it is known without asking. Null: not
 * everything is known, or there is a reason to refuse; then the database decides.
 */
export function cachedUse(
  ctx: KmsContext,
  reading: Reading,
  projectId: string,
  wanted: readonly WantedUse[],
): UsableKey[] | null {
  const rights = cachedRights(ctx)
  if (!rights) return null
  const usable: UsableKey[] = []
  for (const { use, key: named } of wanted) {
    const { action, grant } = keyUses[use]
    const permitted = can(rights, action, { projectId })
    const route =
      (permitted ? reading.find(ownRouteName(ctx, projectId, named)) : undefined) ??
      (grant === null ? undefined : reading.find(grantRouteName(ctx, projectId, permitted, grant, named)))
    if (!route) return null
    const key = reading.find(keyName(route.accountId, route.keyId))
    if (!key || refusalOfUse(use, key) !== null) return null
    const material = reading.find(materialName(route.accountId, key.material_set_id))
    if (!material) return null
    usable.push({ ...key, accountId: route.accountId, material })
  }
  return usable
}

/** What a load found out about one wanted use that was allowed. */
export type FoundUse = {
  wanted: WantedUse
  found: FoundKey
  /** Whether a right in the project allows it; false: only a grant may. */
  permitted: boolean
  /** The grant that allowed it; null: a right did. */
  grantId: string | null
  key: UsableKey
}

/** Keeps what the load found out about the caller. Only rights of active users are kept. */
export function keepRights(
  ctx: KmsContext,
  cache: SubjectCache,
  token: LoadToken | null,
  rights: Rights,
): void {
  if (ctx.actor.kind !== 'user' || rights.kind !== 'user' || rights.status !== 'active') return
  if (cache.has(rightsName(ctx))) return
  const subjects = [
    subjectOf('user', ctx.accountId, ctx.actor.id),
    subjectOf('policy', ctx.accountId, ctx.actor.id),
  ]
  cache.keep(token, rightsName(ctx), rights, subjects)
}

/**
 * Keeps what the load found out about a key, which was Enabled when it was read.
 *
 * @returns whether the material belongs to the cache now
 */
export function keepUse(
  ctx: KmsContext,
  cache: SubjectCache,
  token: LoadToken | null,
  projectId: string,
  { wanted, found, permitted, grantId, key: usable }: FoundUse,
): boolean {
  const { accountId, keyId } = found
  const { material, accountId: _, ...key } = usable
  const itself = subjectOf('key', accountId, keyId)
  const { grant } = keyUses[wanted.use]
  const name =
    found.by === 'right' || grant === null
      ? ownRouteName(ctx, projectId, wanted.key)
      : grantRouteName(ctx, projectId, permitted, grant, wanted.key)
  const route: Subject[] = [itself, subjectOf('project', accountId, key.project_id)]
  if (found.alias !== null) route.push(subjectOf('alias', accountId, found.alias))
  if (grantId !== null) route.push(subjectOf('grant', accountId, grantId))
  if (!cache.has(name)) cache.keep(token, name, { accountId, keyId }, route)
  if (!cache.has(keyName(accountId, keyId))) cache.keep(token, keyName(accountId, keyId), key, [itself])
  const set = materialName(accountId, key.material_set_id)
  if (cache.has(set)) return false
  const subjects = [itself, subjectOf('material', accountId, key.material_set_id)]
  return cache.keep(token, set, material, subjects, material.endsAt)
}
