// The way of one endpoint process to its database, in a process of its own, so that nothing but the test slows it down.

import { DatabaseProxy } from '#lib/db/testing/database-proxy.ts'
import type { FromLink, ToLink } from './database-link.ts'

const tell = (message: FromLink): void => {
  process.send?.(message)
}

const proxy = await DatabaseProxy.open(process.env.DATABASE_URL ?? '')
process.on('disconnect', () => void proxy[Symbol.asyncDispose]().finally(() => process.exit(0)))
process.on('message', ({ state }: ToLink) => {
  proxy.set(state)
  tell({ kind: 'set' })
})
tell({ kind: 'open', connectionString: proxy.connectionString })
