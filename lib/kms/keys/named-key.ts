import { Prisma } from '#lib/db/generated/client.ts'
import type { KeyReference } from './key-reference.ts'

/**
 * The SQL condition that `key k` of `project p` is the one a reference names. An alias holds in its region; a URN that
 * names another region or another account names no key here.
 */
export function namedKey(reference: KeyReference): Prisma.Sql {
  if (reference.kind === 'id') return Prisma.sql`k.id = ${reference.id}::uuid`
  const { alias, place } = reference
  const there = place
    ? Prisma.sql`AND a.region_id = ${place.regionId}
        AND EXISTS (SELECT 1 FROM account o WHERE o.id = a.account_id AND o.domain_id = ${place.domainId})`
    : Prisma.empty
  return Prisma.sql`k.id = (SELECT a.key_id FROM key_alias a
    WHERE a.account_id = k.account_id AND a.alias = ${alias} AND a.region_id = p.region_id ${there})`
}
