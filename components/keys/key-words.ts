import type { KeyUsage } from '#lib/kms/model/key-spec.ts'
import type { KeyView } from '#lib/kms/model/views.ts'

/** Where the material of a key comes from. */
export const originWords: Record<KeyView['origin'], string> = {
  kms: 'Key management',
  external: 'External',
}

/** What a key may be used for, as a person says it; tables show the name of the API. */
export const usageWords: Record<KeyUsage, string> = {
  ENCRYPT_DECRYPT: 'Encrypt and decrypt',
  SIGN_VERIFY: 'Sign and verify',
  GENERATE_VERIFY_MAC: 'Generate and verify MAC',
}
