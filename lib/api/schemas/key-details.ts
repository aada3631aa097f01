import * as z from 'zod'
import type { KeyDetails } from '#lib/kms/keys/key-details.ts'

/** Milliseconds since 1970 in a string, or an empty one. */
const millis = (what: string) =>
  z.string().meta({ description: `${what}, in milliseconds since 1970; may be empty.` })

/** A key in answers (Huawei KMS, objects): every value is a string. */
export const keyDetails = z.object({
  key_id: z.string(),
  domain_id: z.string(),
  key_alias: z.string(),
  realm: z.string().meta({ description: 'Region.' }),
  key_spec: z.string(),
  key_usage: z.string(),
  key_description: z.string(),
  creation_date: z.string().meta({ description: 'Milliseconds since 1970.' }),
  scheduled_deletion_date: millis('From when the key is gone'),
  key_state: z.string().meta({ description: '2 Enabled, 3 Disabled, 4 Pending deletion, 5 Pending import.' }),
  default_key_flag: z.string().meta({ description: '1 for a default key, else 0.' }),
  key_type: z.string(),
  expiration_time: millis('When imported material expires'),
  origin: z.string().meta({ description: 'kms or external.' }),
  key_rotation_enabled: z.string().meta({ description: 'true or false.' }),
  sys_enterprise_project_id: z.string(),
  keystore_id: z.string(),
})

/** Milliseconds as the API writes moments: 13 digits in a string. */
export const millisecondsText = (at: Date | string): string => String(new Date(at).getTime())

/** A key as answers tell of it; what it does not have is an empty string. */
export function toKeyDetails(key: KeyDetails): z.input<typeof keyDetails> {
  return {
    key_id: key.id,
    domain_id: key.domainId,
    key_alias: key.name,
    realm: key.regionId,
    key_spec: key.spec,
    key_usage: key.usage,
    key_description: key.description,
    creation_date: millisecondsText(key.createdAt),
    scheduled_deletion_date: key.deletionAt ? millisecondsText(key.deletionAt) : '',
    key_state: key.state,
    default_key_flag: key.isDefault ? '1' : '0',
    key_type: '1',
    expiration_time: key.materialExpiresAt ? millisecondsText(key.materialExpiresAt) : '',
    origin: key.origin,
    key_rotation_enabled: String(key.rotationEnabled),
    sys_enterprise_project_id: key.enterpriseProjectId,
    keystore_id: '0',
  }
}
