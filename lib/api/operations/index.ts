import type { Operation } from '../operation.ts'
import { dataOperations } from './data.ts'
import { keyOperations } from './keys.ts'
import { quotaOperations } from './quotas.ts'

/** Every call of the API in a project, in the order of the documentation. */
export const operations: readonly Operation[] = [...keyOperations, ...dataOperations, ...quotaOperations]
