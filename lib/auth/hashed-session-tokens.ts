import type { DBAdapter, Where } from 'better-auth'
import { hashToken } from './hash-token.ts'

type Row = Record<string, unknown>

/**
 * Keeps session tokens out of the database: whatever better-auth writes or looks for in a session's `token`, the
 * tables see its SHA-256, and what is read back carries the token it was asked by. A row found any other way carries
 * the hash, which opens nothing.
 */
export function hashedSessionTokens(adapter: DBAdapter): DBAdapter {
  return {
    ...adapter,
    async create<T extends Row, R = T>(call: Creation<T>): Promise<R> {
      if (call.model !== 'session') return adapter.create<T, R>(call)
      const data = { ...call.data, ...hashedIn(call.data) }
      return withToken(await adapter.create<T, R>({ ...call, data }), (call.data as Row).token)
    },
    findOne: async (call) => withToken(await adapter.findOne(hashedWhere(call)), tokenIn(call)),
    findMany: (call) => adapter.findMany(hashedWhere(call)),
    count: (call) => adapter.count(hashedWhere(call)),
    update: async (call) => {
      const update = call.model === 'session' ? { ...call.update, ...hashedIn(call.update) } : call.update
      return withToken(await adapter.update({ ...hashedWhere(call), update }), tokenIn(call))
    },
    updateMany: (call) => {
      const update = call.model === 'session' ? { ...call.update, ...hashedIn(call.update) } : call.update
      return adapter.updateMany({ ...hashedWhere(call), update })
    },
    delete: (call) => adapter.delete(hashedWhere(call)),
    deleteMany: (call) => adapter.deleteMany(hashedWhere(call)),
    consumeOne: async (call) => withToken(await adapter.consumeOne(hashedWhere(call)), tokenIn(call)),
    incrementOne: (call) => adapter.incrementOne(hashedWhere(call)),
    // The inner adapter would hand out itself and with it the way around the hashing.
    transaction: () => {
      throw new Error('transactions are opened around better-auth, not by it')
    },
  }
}

type Creation<T> = {
  model: string
  data: Omit<T, 'id'>
  select?: string[] | undefined
  forceAllowId?: boolean | undefined
}

type Call = { model: string; where?: Where[] | undefined }

function hashedWhere<T extends Call>(call: T): T {
  if (call.model !== 'session' || !call.where) return call
  return { ...call, where: call.where.map(hashedCondition) }
}

function hashedCondition(condition: Where): Where {
  if (condition.field !== 'token') return condition
  const { value } = condition
  if (typeof value === 'string') return { ...condition, value: hashToken(value) }
  if (Array.isArray(value)) return { ...condition, value: value.map((token) => hashToken(String(token))) }
  throw new Error('a session token is looked for by its value only')
}

function tokenIn(call: Call): unknown {
  if (call.model !== 'session') return undefined
  return call.where?.find(({ field }) => field === 'token')?.value
}

function hashedIn(data: Row): Row {
  return typeof data.token === 'string' ? { token: hashToken(data.token) } : {}
}

function withToken<T>(row: T, token: unknown): T {
  if (!row || typeof token !== 'string') return row
  return { ...row, token }
}
