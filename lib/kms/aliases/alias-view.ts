import { KmsError } from '../model/errors.ts'

/** An alias as the API shows it. Moments are ISO 8601 strings in UTC. */
export type AliasView = {
  domainId: string
  keyId: string
  /** `alias/<name>` */
  alias: string
  aliasUrn: string
  createdAt: string
  updatedAt: string
}

export type AliasRow = {
  domain_id: string
  region_id: string
  key_id: string
  alias: string
  created_at: Date
  updated_at: Date
}

/** What services see of an alias. */
export function toAliasView(row: AliasRow): AliasView {
  return {
    domainId: row.domain_id,
    keyId: row.key_id,
    alias: row.alias,
    aliasUrn: `kms:${row.region_id}:${row.domain_id}:${row.alias.replace('/', ':')}`,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

/**
 * Refuses an alias that is not `alias/` and 1 to 255 letters, digits and `_ - : /`, or that ends in `/default`, which
 * belongs to default keys (Huawei KMS, create alias).
 *
 * @throws {KmsError} aliasInvalid
 */
export function requireAlias(alias: string): void {
  if (!/^alias\/[a-zA-Z0-9:/_-]{1,255}$/.test(alias) || alias.endsWith('/default')) {
    throw new KmsError('aliasInvalid', { field: 'alias' })
  }
}
