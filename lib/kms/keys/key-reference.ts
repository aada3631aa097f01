import { KmsError } from '../model/errors.ts'

/** How a caller names a key: by id, or by an alias of a region. */
export type KeyReference =
  | { kind: 'id'; id: string }
  /** `place`: where a URN says that the alias is; null: in the region of the call. */
  | { kind: 'alias'; alias: string; place: { regionId: string; domainId: string } | null }

const aliasName = /^alias\/[a-zA-Z0-9:/_-]{1,255}$/
const urn = /^kms:([a-z0-9-]{1,64}):([0-9a-f]{32}):alias:([a-zA-Z0-9:/_-]{1,255})$/

/**
 * Reads a `key_id` as the API accepts it: the id of a key, `alias/<name>`, or the URN
 * `kms:<region>:<domain_id>:alias:<name>` (Huawei KMS, API conventions).
 *
 * @throws {KmsError} keyIdInvalid
 */
export function parseKeyReference(text: string): KeyReference {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return { kind: 'id', id: text }
  if (aliasName.test(text)) return { kind: 'alias', alias: text, place: null }
  const [, regionId, domainId, name] = urn.exec(text) ?? []
  if (regionId !== undefined && domainId !== undefined && name !== undefined) {
    return { kind: 'alias', alias: `alias/${name}`, place: { regionId, domainId } }
  }
  // The documented form allows any lower-case letters; such an id is well-formed and names no key.
  if (/^[0-9a-z]{8}(-[0-9a-z]{4}){3}-[0-9a-z]{12}$/.test(text)) throw new KmsError('keyNotFound')
  throw new KmsError('keyIdInvalid', { field: 'key_id' })
}
