import { KmsError } from '#lib/kms/model/errors.ts'
import { type OperationDefinition, operation } from '../operation.ts'

type Method = OperationDefinition<never, never, never, null>['method']

/** Families of the product that need hardware or deployments Keystead does not have, and their calls. */
const families: Record<string, readonly (readonly [Method, string, string])[]> = {
  'Dedicated keystores': [
    ['POST', 'keystores', 'CreateKeyStore'],
    ['GET', 'keystores', 'ListKeyStores'],
    ['GET', 'keystores/{keystore_id}', 'ShowKeyStore'],
    ['DELETE', 'keystores/{keystore_id}', 'DeleteKeyStore'],
    ['POST', 'keystores/{keystore_id}/enable', 'EnableKeyStore'],
    ['POST', 'keystores/{keystore_id}/disable', 'DisableKeyStore'],
  ],
  'Key spaces': [
    ['GET', 'kms/access-points', 'ListAccessPoints'],
    ['POST', 'kms/access-points', 'CreateAccessPoint'],
    ['DELETE', 'kms/access-points/{access_point_id}', 'DeleteAccessPoint'],
    ['POST', 'kms/access-points/{access_point_id}/enable', 'EnableAccessPoint'],
    ['POST', 'kms/access-points/{access_point_id}/disable', 'DisableAccessPoint'],
    ['POST', 'kms/access-points/{access_point_id}/get-privatekey', 'ShowAccessPointPrivateKey'],
    ['GET', 'kms/key-policies', 'ListKeyPolicies'],
    ['POST', 'kms/key-policies', 'CreateKeyPolicy'],
    ['GET', 'kms/key-policies/{key_policy_id}', 'ShowKeyPolicy'],
    ['PUT', 'kms/key-policies/{key_policy_id}', 'UpdateKeyPolicy'],
    ['DELETE', 'kms/key-policies/{key_policy_id}', 'DeleteKeyPolicy'],
    ['POST', 'kms/datakey-capsule/create', 'CreateDatakeyCapsule'],
    ['POST', 'kms/datakey-capsule/decrypt', 'DecryptDatakeyCapsule'],
  ],
  'Shared secrets': [['POST', 'kms/derive-shared-secret', 'DeriveSharedSecret']],
  'PIN codes': [['POST', 'kms/create-pin', 'CreatePin']],
}

/** Calls that exist in the product and answer here, in the right form, that they are not supported. */
export const unsupportedOperations = Object.entries(families).flatMap(([family, calls]) =>
  calls.map(([method, path, id]) =>
    operation({
      id,
      group: 'Not supported',
      method,
      path: `/v1.0/{project_id}/${path}`,
      summary: `${family}: not supported`,
      result: null,
      writes: false,
      run: async () => {
        throw new KmsError('notSupported', { message: `${family} are not supported by Keystead.` })
      },
    }),
  ),
)
