import { test as base } from '@playwright/test'
import { hashPassword } from 'better-auth/crypto'
import { createAuth, sessionCookieName } from '#lib/auth/better-auth.ts'
import type { Service } from '#lib/auth/service.ts'
import { signIn } from '#lib/auth/sign-in.ts'
import { openDatabase } from '#lib/db/client.ts'
import { storePassword } from '#lib/kms/access/store-password.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import type { CreateKeyInput } from '#lib/kms/model/inputs/create-key.ts'
import type { Role } from '#lib/kms/model/permissions.ts'
import type { KeyView } from '#lib/kms/model/views.ts'
import { installationStore } from '#lib/kms/root-key/installation-store.ts'
import { openRootKey } from '#lib/kms/root-key/open-root-key.ts'
import { type TestWorld, testWorld } from '#lib/kms/testing/test-world.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { productDatabaseUrl } from '../scripts/testing/product-database.ts'

/** The password of every user that a test makes. */
export const password = 'correct-horse-battery-staple'

/** A user who can sign in: `ctx` is what the verbs take to act in their name. */
export type SignedInUser = { ctx: KmsContext; email: string }

type TestFixtures = {
  /** Custom keys per project in the test's account: test.use({ keyQuota: 3 }). */
  keyQuota: number
  /** An account of the test's own, made through the verbs, with two regions of one project each. */
  world: TestWorld
  /** Makes a user of the account with a password. */
  makeUser: (roles?: Role[]) => Promise<SignedInUser>
  /** Makes a user and puts their session into the browser, without the sign-in page. */
  signInAs: (roles?: Role[]) => Promise<SignedInUser>
  /** A key in the account's first project: AES_256, Enabled, with a random name, unless told otherwise. */
  makeKey: (input?: Partial<CreateKeyInput>) => Promise<KeyView>
}

type WorkerFixtures = {
  /** The running product, opened from outside as its console opens it. */
  product: { service: Service; databaseUrl: string; passwordHash: string }
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs
    async ({}, use) => {
      const dataDir = process.env.KEYSTEAD_E2E_DATA_DIR ?? ''
      const publicUrl = `http://127.0.0.1:${process.env.KEYSTEAD_E2E_PORT}`
      const databaseUrl = await productDatabaseUrl(dataDir)
      const db = openDatabase(databaseUrl, { connections: 2, applicationName: 'keystead e2e' })
      const place = { value: undefined, file: undefined, dataDir }
      const { rootKey, authSecret } = await openRootKey(place, installationStore(db))
      const auth = createAuth(db, authSecret.reveal().toString('base64url'), publicUrl)
      const passwordHash = await hashPassword(password)
      await use({ service: { db, rootKey, auth, publicUrl }, databaseUrl, passwordHash })
      await db.$disconnect()
    },
    { scope: 'worker' },
  ],

  keyQuota: [100, { option: true }],

  world: async ({ product, keyQuota }, use) => {
    const { rootKey } = product.service
    await using world = await testWorld(product.databaseUrl, { rootKey, keyQuota, connections: 2 })
    await use(world)
  },

  makeUser: async ({ product, world }, use) => {
    await use(async (roles = ['KMS Administrator']) => {
      const ctx = await world.userWith(roles)
      await inSystemTransaction(product.service.db, 'administration', (sql, now) =>
        storePassword(sql, now, ctx.actor.id, product.passwordHash),
      )
      return { ctx, email: `${ctx.actor.id}@example.test` }
    })
  },

  signInAs: async ({ product, makeUser, context }, use) => {
    await use(async (roles) => {
      const user = await makeUser(roles)
      const { service } = product
      const cookies = await signIn(
        service,
        new Headers(),
        { email: user.email, password },
        user.ctx.requestId,
      )
      const name = sessionCookieName(service.publicUrl)
      const value = cookies.map((cookie) => new RegExp(`^${name}=([^;]+)`).exec(cookie)?.[1]).find(Boolean)
      if (!value) throw new Error('signing in gave no session cookie')
      await context.addCookies([{ name, value, url: service.publicUrl, httpOnly: true, sameSite: 'Lax' }])
      return user
    })
  },

  makeKey: async ({ world }, use) => {
    await use((input) => world.makeKey(input))
  },
})

export { expect } from '@playwright/test'
