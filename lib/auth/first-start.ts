import { hashPassword } from 'better-auth/crypto'
import type { Database } from '#lib/db/client.ts'
import type { Prisma } from '#lib/db/generated/client.ts'
import type { Environment } from '#lib/env.ts'
import {
  type AccessKeyPair,
  createAdministrator,
  hasAdministrator,
  storeAccessKey,
} from '#lib/kms/access/create-administrator.ts'
import { issueSetUpToken, recordSetUp } from '#lib/kms/access/set-up.ts'
import { openChain } from '#lib/kms/audit/open-chain.ts'
import { errorMessage } from '#lib/kms/model/errors.ts'
import { email as emailInput, newPassword } from '#lib/kms/model/inputs/credentials.ts'
import { createAccount } from '#lib/kms/projects/create-account.ts'
import type { RootKey } from '#lib/kms/root-key/root-key.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { StartProblem } from '#lib/start-problem.ts'
import { newRequestId } from './request-id.ts'

/** The settings that the first start reads, and of which a later one reads only the quota. */
export type FirstStartSettings = Pick<
  Environment,
  | 'publicUrl'
  | 'adminEmail'
  | 'adminPassword'
  | 'adminAccessKey'
  | 'adminSecretKey'
  | 'projectId'
  | 'keyQuota'
  | 'regions'
>

export type FirstStart = {
  /** Where the first administrator is made; null once there is one. It is a secret, shown once. */
  setUpLink: string | null
  /** The administrator made from the settings by this start. */
  adminEmail: string | null
  /** Whether this start made the account. */
  created: boolean
}

/**
 * What a start does to who may sign in. On an empty database: the account with its regions, projects and chains. While
 * there is no administrator: the one of the settings, else a new set-up link that ends the one before. Afterwards
 * nothing, whatever the settings say, except that every start sets the quota of the projects. Two starts at once take
 * turns.
 *
 * @throws {StartProblem} for settings that cannot be used
 */
export async function firstStart(
  db: Database,
  rootKey: RootKey,
  settings: FirstStartSettings,
): Promise<FirstStart> {
  const settled = await inSystemTransaction(db, 'administration', async (sql) => {
    await setQuota(sql, settings.keyQuota)
    return hasAdministrator(sql)
  })
  if (settled) return { setUpLink: null, adminEmail: null, created: false }
  const administrator = await readAdministrator(settings)
  return inSystemTransaction(db, 'administration', async (sql, now) => {
    await sql.$queryRaw`SELECT 1 FROM installation FOR UPDATE`
    const { accountId, created } = await firstAccount(sql, rootKey, settings)
    if (await hasAdministrator(sql)) return { setUpLink: null, adminEmail: null, created }
    if (!administrator) {
      const token = await issueSetUpToken(sql, now)
      return { setUpLink: `${settings.publicUrl}/set-up#${token}`, adminEmail: null, created }
    }
    const { email, accessKey } = administrator
    const userId = await createAdministrator(sql, now, accountId, administrator)
    if (accessKey) await storeAccessKey(sql, rootKey, now, { accountId, userId }, accessKey)
    const origin = { requestId: newRequestId(), sourceAddress: null }
    await recordSetUp(sql, rootKey, now, origin, { accountId, userId, email })
    return { setUpLink: null, adminEmail: email, created }
  })
}

/** The quota is a setting, not a decision of the first start: whoever reaches it is told to raise it. */
async function setQuota(sql: Prisma.TransactionClient, keyQuota: number): Promise<void> {
  const account = await sql.account.findFirst({ orderBy: { createdAt: 'asc' } })
  if (!account) return
  await sql.project.updateMany({
    where: { accountId: account.id, keyQuota: { not: keyQuota } },
    data: { keyQuota },
  })
}

async function firstAccount(
  sql: Prisma.TransactionClient,
  rootKey: RootKey,
  settings: FirstStartSettings,
): Promise<{ accountId: string; created: boolean }> {
  const account = await sql.account.findFirst({ orderBy: { createdAt: 'asc' } })
  if (account) return { accountId: account.id, created: false }
  await openChain(sql, rootKey, null)
  const { accountId } = await createAccount(sql, rootKey, {
    name: 'default',
    regions: settings.regions,
    keyQuota: settings.keyQuota,
    firstProjectId: settings.projectId,
  })
  return { accountId, created: true }
}

type Administrator = { email: string; passwordHash: string; accessKey: AccessKeyPair | null }

/** The administrator of the settings; null if they name none. The password is hashed before any lock is taken. */
async function readAdministrator(settings: FirstStartSettings): Promise<Administrator | null> {
  const accessKey = readAccessKey(settings)
  if (!settings.adminEmail || !settings.adminPassword) {
    if (!accessKey) return null
    throw new StartProblem(
      'KMS_ADMIN_ACCESS_KEY belongs to an administrator: set KMS_ADMIN_EMAIL and KMS_ADMIN_PASSWORD too, and start again.',
    )
  }
  const email = emailInput.safeParse(settings.adminEmail)
  if (!email.success)
    throw new StartProblem('KMS_ADMIN_EMAIL must be an email address: correct it and start again.')
  if (!newPassword.safeParse(settings.adminPassword).success) {
    throw new StartProblem(`KMS_ADMIN_PASSWORD cannot be used: ${errorMessage('passwordInvalid')}`)
  }
  return { email: email.data, passwordHash: await hashPassword(settings.adminPassword), accessKey }
}

function readAccessKey({
  adminAccessKey: id,
  adminSecretKey: secret,
}: FirstStartSettings): AccessKeyPair | null {
  if (!id || !secret) return null
  if (!/^[A-Za-z0-9_-]{8,64}$/.test(id)) {
    throw new StartProblem(
      'KMS_ADMIN_ACCESS_KEY must be 8 to 64 letters, digits, - or _: correct it and start again.',
    )
  }
  if (!/^[\x21-\x7e]{16,128}$/.test(secret)) {
    throw new StartProblem(
      'KMS_ADMIN_SECRET_KEY must be 16 to 128 printable ASCII characters without spaces: correct it and start again.',
    )
  }
  return { id, secret }
}
