import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { createDefaultKey } from '../keys/create-default-key.ts'
import { KmsError } from '../model/errors.ts'
import type { Decision, KeyFacts, KeyOperation } from '../model/key-state.ts'
import { expected, type ModelOperation, type ModelState, transitions } from '../testing/reference-model.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'
import { inTransaction } from '../transaction.ts'
import { applyChange } from './apply-change.ts'
import { planChange } from './plan-change.ts'

/** One cell of the product's table, and what a mistake would make of it. */
type Flip = { operation: KeyOperation; matches: (key: KeyFacts) => boolean; answer: Decision }

const mistake = vi.hoisted(() => ({ flip: null as Flip | null }))

vi.mock('../model/key-state.ts', async (original) => {
  const product = await original<typeof import('../model/key-state.ts')>()
  return {
    ...product,
    decide: (operation: KeyOperation, key: KeyFacts): Decision =>
      mistake.flip?.operation === operation && mistake.flip.matches(key)
        ? mistake.flip.answer
        : product.decide(operation, key),
  }
})

/** What of a key the reference distinguishes. */
const kinds = {
  Enabled: { state: '2', hasMaterial: true, isDefault: false },
  Disabled: { state: '3', hasMaterial: true, isDefault: false },
  'Pending deletion': { state: '4', hasMaterial: true, isDefault: false },
  'Pending deletion without material': { state: '4', hasMaterial: false, isDefault: false },
  'Pending import': { state: '5', hasMaterial: false, isDefault: false },
  'a default key': { state: '2', hasMaterial: true, isDefault: true },
} as const satisfies Record<string, { state: ModelState; hasMaterial: boolean; isDefault: boolean }>

type Kind = keyof typeof kinds

const operations = Object.keys(transitions) as ModelOperation[]
const cells = operations.flatMap((operation) =>
  (Object.keys(kinds) as Kind[]).map((kind) => [operation, kind] as const),
)

let w: TestWorld

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { keyQuota: 1_000 })
})

afterAll(() => w[Symbol.asyncDispose]())

/** A key of a kind, put there by SQL, so that no verb under test is needed for it. */
async function makeKey(kind: Kind): Promise<string> {
  const { state, hasMaterial, isDefault } = kinds[kind]
  if (isDefault) return (await createDefaultKey(w.ctx, { projectId: w.projectId, service: 'obs' })).id
  const { id } = await w.makeKey({ origin: hasMaterial ? 'kms' : 'external' })
  await inTransaction(
    w.ctx,
    (tx) => tx.sql.$executeRaw`
      UPDATE key SET state = ${state}, deletion_at = CASE WHEN ${state} = '4' THEN now() + interval '9 days' END
      WHERE id = ${id}::uuid`,
  )
  return id
}

/** Plans and applies one operation to a new key of the kind, and compares with the reference what is shown and done. */
async function checkCell(operation: ModelOperation, kind: Kind): Promise<void> {
  const keyId = await makeKey(kind)
  const answer = expected(operation, { ...kinds[kind], hasReplicas: false })
  const planned = await planChange(w.ctx, {
    projectId: w.projectId,
    operation,
    selection: { ids: [keyId] },
  })
  const done = await applyChange(w.ctx, {
    changeId: planned.id,
    understood: true,
    pendingDays: '7',
    confirmation: 'DELETE',
  })
  const row = await inTransaction(w.ctx, (tx) => tx.sql.key.findFirst({ where: { id: keyId } }))
  expect({
    before: planned.items[0]?.state,
    shown: planned.items[0]?.nextState,
    refusal: planned.items[0]?.reasonCode && new KmsError(planned.items[0].reasonCode).kmsCode,
    outcome: done.items[0]?.outcome,
    after: row?.state,
    dated: row?.deletionAt !== null,
  }).toEqual(
    'code' in answer
      ? {
          before: kinds[kind].state,
          shown: null,
          refusal: answer.code,
          outcome: 'skipped',
          after: kinds[kind].state,
          dated: kinds[kind].state === '4',
        }
      : {
          before: kinds[kind].state,
          shown: answer.next,
          refusal: null,
          outcome: 'done',
          after: answer.next,
          dated: answer.next === '4',
        },
  )
}

describe('every operation on every kind of key does what the reference says', () => {
  test.for(cells)('%s, %s', ([operation, kind]) => checkCell(operation, kind))
})

describe('one wrong cell of the table is found', () => {
  const mistakesIn = ([operation, kind]: readonly [ModelOperation, Kind]): Decision[] => {
    const right = expected(operation, { ...kinds[kind], hasReplicas: false })
    const states = operation === 'scheduleDeletion' ? (['4'] as const) : (['2', '3', '5'] as const)
    return [
      ...states
        .filter((next) => 'code' in right || right.next !== next)
        .map((next): Decision => ({ allowed: true, next })),
      { allowed: false, reason: 'keyHasReplicas' },
    ]
  }
  const mistakes = cells.flatMap((cell) => mistakesIn(cell).map((answer) => [...cell, answer] as const))

  test.for(mistakes)('%s, %s: %o', async ([operation, kind, answer]) => {
    const { state, hasMaterial, isDefault } = kinds[kind]
    mistake.flip = {
      operation,
      matches: (key) => key.state === state && key.hasMaterial === hasMaterial && key.isDefault === isDefault,
      answer,
    }
    try {
      await expect(checkCell(operation, kind)).rejects.toThrow()
    } finally {
      mistake.flip = null
    }
  })
})
