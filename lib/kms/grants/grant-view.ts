import type { GrantOperation } from '../model/key-use.ts'

/** A grant as the API shows it. Principals are user ids without hyphens or domain ids. */
export type GrantView = {
  keyId: string
  /** 64 hex digits. */
  grantId: string
  name: string
  granteePrincipal: string
  granteeType: 'user' | 'domain'
  operations: GrantOperation[]
  issuingPrincipal: string
  retiringPrincipal: string | null
  /** ISO 8601, UTC. */
  createdAt: string
}

export type GrantRow = {
  key_id: string
  id: string
  name: string
  grantee_principal: string
  grantee_type: 'user' | 'domain'
  operations: GrantOperation[]
  issuing_principal: string
  retiring_principal: string | null
  created_at: Date
}

export function toGrantView(row: GrantRow): GrantView {
  return {
    keyId: row.key_id,
    grantId: row.id,
    name: row.name,
    granteePrincipal: row.grantee_principal,
    granteeType: row.grantee_type,
    operations: row.operations,
    issuingPrincipal: row.issuing_principal,
    retiringPrincipal: row.retiring_principal,
    createdAt: row.created_at.toISOString(),
  }
}

/** One page of a list whose marker is an offset. `nextMarker` is empty on the last page. */
export type GrantPage = { grants: GrantView[]; nextMarker: string; total: number }

/** Cuts the rows of one page, selected with one more than the limit, and names the next. */
export function toGrantPage(rows: GrantRow[], total: bigint, limit: number, marker: number): GrantPage {
  return {
    grants: rows.slice(0, limit).map(toGrantView),
    nextMarker: rows.length > limit ? String(marker + limit) : '',
    total: Number(total),
  }
}
