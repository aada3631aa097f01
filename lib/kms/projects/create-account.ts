import { randomBytes, randomUUID } from 'node:crypto'
import type { Prisma } from '#lib/db/generated/client.ts'
import { openChain } from '../audit/open-chain.ts'
import { makeSealedAccountKey } from '../root-key/account-key.ts'
import type { RootKey } from '../root-key/root-key.ts'

export type NewAccount = {
  name: string
  /** In the order in which the console offers them; each gets a default project. */
  regions: readonly { id: string; name: string }[]
  /** Custom keys per project. */
  keyQuota: number
  /** 32 hex digits for the default project of the first region; random when left out. */
  firstProjectId?: string | undefined
}

/** 32 hex digits, the form of domain and project ids in the API. */
export const newHexId = (): string => randomBytes(16).toString('hex')

/**
 * Creates an account with its sealed account key, audit chain, regions, default projects and the default enterprise
 * project "0", inside a transaction of the system context `administration`.
 */
export async function createAccount(
  sql: Prisma.TransactionClient,
  rootKey: RootKey,
  account: NewAccount,
): Promise<{ accountId: string; projectIds: string[] }> {
  const accountId = randomUUID()
  await sql.account.create({
    data: {
      id: accountId,
      domainId: newHexId(),
      name: account.name,
      sealedKey: Uint8Array.from(makeSealedAccountKey(rootKey, accountId)),
    },
  })
  await openChain(sql, rootKey, accountId)
  await sql.enterpriseProject.create({ data: { accountId, id: '0', name: 'default' } })
  await sql.region.createMany({
    data: account.regions.map((region, position) => ({ accountId, ...region, position })),
  })
  const projects = account.regions.map((region, index) => ({
    accountId,
    id: (index === 0 && account.firstProjectId) || newHexId(),
    regionId: region.id,
    name: region.id,
    isDefault: true,
    keyQuota: account.keyQuota,
  }))
  await sql.project.createMany({ data: projects })
  return { accountId, projectIds: projects.map((project) => project.id) }
}
