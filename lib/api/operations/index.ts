import type { Operation } from '../operation.ts'
import { aliasOperations } from './aliases.ts'
import { dataOperations } from './data.ts'
import { dataKeyOperations } from './data-keys.ts'
import { grantOperations } from './grants.ts'
import { keyOperations } from './keys.ts'
import { materialOperations } from './material.ts'
import { quotaOperations } from './quotas.ts'
import { replicaOperations } from './replicas.ts'
import { rotationOperations } from './rotation.ts'
import { signatureOperations } from './signatures.ts'
import { tagOperations } from './tags.ts'
import { unsupportedOperations } from './unsupported.ts'

/** Every call of the API in a project, in the order of the documentation. */
export const operations: readonly Operation[] = [
  ...keyOperations,
  ...dataOperations,
  ...dataKeyOperations,
  ...signatureOperations,
  ...materialOperations,
  ...rotationOperations,
  ...grantOperations,
  ...tagOperations,
  ...aliasOperations,
  ...replicaOperations,
  ...quotaOperations,
  ...unsupportedOperations,
]
