import { randomUUID } from 'node:crypto'
import { type Database, openDatabase } from '#lib/db/client.ts'
import type { KmsContext } from '../context.ts'
import { KeyMaterial } from '../crypto/key-material.ts'
import type { KeyInProject } from '../keys/change-key.ts'
import { createKey } from '../keys/create-key.ts'
import type { CreateKeyInput } from '../model/inputs/create-key.ts'
import type { Role } from '../model/permissions.ts'
import type { KeyView } from '../model/views.ts'
import { createAccount } from '../projects/create-account.ts'
import { type ReplicateKeyInput, replicateKey } from '../replicas/replicate-key.ts'
import { RootKey } from '../root-key/root-key.ts'
import { inSystemTransaction } from '../transaction.ts'

/** An account of its own in the database all tests share, with one user and two projects. */
export type TestWorld = AsyncDisposable & {
  db: Database
  rootKey: RootKey
  accountId: string
  /** Default projects of the two regions. */
  projectId: string
  otherProjectId: string
  /** The context of an active user with the role KMS Administrator. */
  ctx: KmsContext
  /** The context of another active user of the account, with these roles in all projects, or in one. */
  userWith: (roles: Role[], projectId?: string) => Promise<KmsContext>
  /** Creates an AES_256 key unless told otherwise. */
  makeKey: (input?: Partial<CreateKeyInput>) => Promise<KeyView>
  /** Makes the replica of a key, in the other project unless told otherwise, with a random name. */
  makeReplica: (key: KeyInProject, input?: Partial<ReplicateKeyInput>) => Promise<KeyInProject>
}

/** Test accounts share one root key per process, as the accounts of an installation do. */
const sharedRootKey = new RootKey(KeyMaterial.random(32))

export async function testWorld(
  connectionString: string,
  options: { keyQuota?: number; rootKey?: RootKey; connections?: number } = {},
): Promise<TestWorld> {
  const db = openDatabase(connectionString, {
    connections: options.connections ?? 10,
    applicationName: 'keystead-test',
    // What many do at once is tested, and not how long they wait for each other on a busy machine.
    connectSeconds: 30,
  })
  const rootKey = options.rootKey ?? sharedRootKey
  const { accountId, projectIds } = await inSystemTransaction(db, 'administration', (sql) =>
    createAccount(sql, rootKey, {
      name: 'test',
      regions: [
        { id: 'region-1', name: 'Region 1' },
        { id: 'region-2', name: 'Region 2' },
      ],
      keyQuota: options.keyQuota ?? 100,
    }),
  )
  const [projectId, otherProjectId] = projectIds as [string, string]
  const userWith = async (roles: Role[], inProject?: string): Promise<KmsContext> => {
    const id = randomUUID()
    await inSystemTransaction(db, 'administration', async (sql) => {
      await sql.user.create({ data: { id, accountId, name: 'Someone', email: `${id}@example.test` } })
      await sql.roleAssignment.createMany({
        data: roles.map((role) => ({
          accountId,
          id: randomUUID(),
          userId: id,
          role,
          projectId: inProject ?? null,
        })),
      })
    })
    return {
      db,
      rootKey,
      accountId,
      actor: { kind: 'user', id, name: 'Someone' },
      requestId: randomUUID(),
      sourceAddress: '127.0.0.1',
    }
  }
  const ctx = await userWith(['KMS Administrator'])
  return {
    db,
    rootKey,
    accountId,
    projectId,
    otherProjectId,
    ctx,
    userWith,
    makeKey: (input) => createKey(ctx, keyInput(projectId, input)),
    async makeReplica(key, input = {}) {
      const replica = {
        ...key,
        replicaRegion: 'region-2',
        replicaProjectId: otherProjectId,
        name: `replica-${randomUUID()}`,
        description: '',
        enterpriseProjectId: '0',
        tags: [],
        ...input,
      }
      const { id } = await replicateKey(ctx, replica)
      return { projectId: replica.replicaProjectId, keyId: id }
    },
    [Symbol.asyncDispose]: () => db.$disconnect(),
  }
}

/** A valid input for createKey with a random name. */
export function keyInput(projectId: string, input: Partial<CreateKeyInput> = {}): CreateKeyInput {
  return {
    projectId,
    idempotencyKey: randomUUID(),
    name: `key-${randomUUID()}`,
    spec: 'AES_256',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'kms',
    enterpriseProjectId: '0',
    description: '',
    tags: [],
    ...input,
  }
}
