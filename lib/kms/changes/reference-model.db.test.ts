import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, inject, test } from 'vitest'
import { verifyAudit } from '../audit/verify-audit.ts'
import type { KmsContext } from '../context.ts'
import { countStates } from '../keys/count-states.ts'
import { createDefaultKey } from '../keys/create-default-key.ts'
import { createKey } from '../keys/create-key.ts'
import { listKeys } from '../keys/list-keys.ts'
import { KmsError } from '../model/errors.ts'
import { keyListInput } from '../model/inputs/key-filter.ts'
import type { ChangeView, KeyView } from '../model/views.ts'
import { type ModelOperation, type ModelPlan, ModelProject } from '../testing/reference-model.ts'
import { keyInput, type TestWorld, testWorld } from '../testing/test-world.ts'
import { applyChange } from './apply-change.ts'
import { planChange } from './plan-change.ts'

/** Far from the clock of the machine, so that nothing but the injected clock decides what is due. */
const start = Date.parse('2040-02-28T23:59:59.999Z')
const quota = 6
const day = 86_400_000
/** Different names, some of which an index that ignores case or accents would hold for the same. */
const names = ['a', 'A', 'ä', 'b_1', 'b-1', 'キー']

/** The product, with the labels of the test for its random ids. */
class Product {
  readonly world: TestWorld
  readonly #offset = { now: start }
  readonly #keyIds = new Map<string, string>()
  readonly #changes = new Map<string, { id: string; keyIds: string[] }>()

  constructor(world: TestWorld) {
    this.world = world
  }

  get ctx(): KmsContext {
    return { ...this.world.ctx, now: () => new Date(this.#offset.now) }
  }

  advance(milliseconds: number): void {
    this.#offset.now += milliseconds
  }

  /** An id of no key stands for a label that the product has not made. */
  idOf(label: string): string {
    const id = this.#keyIds.get(label) ?? randomUUID()
    this.#keyIds.set(label, id)
    return id
  }

  async create(label: string, name: string, origin: 'kms' | 'external'): Promise<string | null> {
    return codeOf(async () => {
      const key = await createKey(this.ctx, keyInput(this.world.projectId, { name, origin }))
      this.#keyIds.set(label, key.id)
    })
  }

  async createDefault(service: string): Promise<void> {
    const key = await createDefaultKey(this.ctx, { projectId: this.world.projectId, service })
    this.#keyIds.set(`${service}/default`, key.id)
  }

  async plan(label: string, operation: ModelOperation, keys: string[]): Promise<ChangeView> {
    const keyIds = keys.map((key) => this.idOf(key))
    const view = await planChange(this.ctx, {
      projectId: this.world.projectId,
      operation,
      selection: { ids: keyIds },
    })
    this.#changes.set(label, { id: view.id, keyIds })
    return view
  }

  /** As they were asked for: a label that had no key yet may have one now. */
  keyIdsOf(label: string): string[] {
    return this.#changes.get(label)?.keyIds ?? []
  }

  async apply(label: string, days: number): Promise<{ code: string | null; view: ChangeView | null }> {
    const changeId = this.#changes.get(label)?.id
    if (changeId === undefined) throw new Error('the product has no such plan')
    let view: ChangeView | null = null
    const code = await codeOf(async () => {
      const confirmed = { understood: true, pendingDays: String(days), confirmation: 'DELETE' }
      view = await applyChange(this.ctx, { changeId, ...confirmed })
    })
    return { code, view }
  }

  async keys(): Promise<{ keys: KeyView[]; used: number }> {
    const list = (defaultKeys: boolean) =>
      listKeys(this.ctx, keyListInput.parse({ projectId: this.world.projectId, pageSize: 100, defaultKeys }))
    const [custom, defaults] = await Promise.all([list(false), list(true)])
    return { keys: [...custom.keys, ...defaults.keys], used: custom.quota.used }
  }
}

async function codeOf(run: () => Promise<void>): Promise<string | null> {
  try {
    await run()
    return null
  } catch (error) {
    if (error instanceof KmsError) return error.kmsCode
    throw error
  }
}

/** Everything that can be seen of the keys, and what is free, is the same in both. */
async function compareAll(model: ModelProject, product: Product): Promise<void> {
  const { keys, used } = await product.keys()
  const seen = Object.fromEntries(
    keys.map((key) => [
      key.id,
      {
        name: key.name,
        state: key.state,
        isDefault: key.isDefault,
        hasMaterial: key.hasMaterial,
        revision: key.revision,
        deletionAt: key.deletionAt,
      },
    ]),
  )
  const wanted = Object.fromEntries(
    model
      .alive()
      .map(([label, key]) => [
        product.idOf(label),
        { ...key, deletionAt: key.deletionAt === null ? null : new Date(key.deletionAt).toISOString() },
      ]),
  )
  expect(seen).toEqual(wanted)
  expect(used).toBe(model.used())
  const counts = { '2': 0, '3': 0, '4': 0, '5': 0 }
  for (const [, key] of model.alive()) if (!key.isDefault) counts[key.state]++
  const filter = keyListInput.parse({ projectId: product.world.projectId })
  expect(await countStates(product.ctx, filter)).toEqual(counts)
}

function compareItems(plan: ModelPlan, keyIds: string[], view: ChangeView): void {
  const shown = view.items.map((item) => ({
    id: item.keyId,
    outcome: item.outcome,
    code: item.reasonCode && new KmsError(item.reasonCode).kmsCode,
    next: item.nextState,
  }))
  expect(shown).toEqual(
    plan.items.map((item, index) => ({
      id: keyIds[index],
      outcome: item.outcome,
      code: item.code,
      next: item.next,
    })),
  )
}

type Step = (model: ModelProject, product: Product) => Promise<void>

const labels = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'obs/default', 'evs/default']
const someKeys = fc.uniqueArray(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...labels.slice(0, 4)) },
    { weight: 1, arbitrary: fc.constantFrom(...labels) },
  ),
  { minLength: 1, maxLength: 6 },
)
const anOperation = fc.constantFrom<ModelOperation>('enable', 'disable', 'scheduleDeletion', 'cancelDeletion')
const someDays = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 7, max: 30 }) },
  { weight: 1, arbitrary: fc.constantFrom(5, 6, 7, 1_096, 1_097, 1_100) },
)
const aPlan = fc.constantFrom('p0', 'p1', 'p2')

class Create implements fc.AsyncCommand<ModelProject, Product> {
  readonly label: string
  readonly name: string
  readonly origin: 'kms' | 'external'
  constructor(label: string, name: string, origin: 'kms' | 'external') {
    this.label = label
    this.name = name
    this.origin = origin
  }
  // A label is one key for good, even after it is gone.
  check = (model: Readonly<ModelProject>): boolean => !model.keys.has(this.label)
  run: Step = async (model, product) => {
    expect(await product.create(this.label, this.name, this.origin)).toBe(
      model.create(this.label, this.name, this.origin),
    )
    await compareAll(model, product)
  }
  toString = (): string => `create ${this.label} ${this.name} ${this.origin}`
}

class CreateDefault implements fc.AsyncCommand<ModelProject, Product> {
  readonly service: string
  constructor(service: string) {
    this.service = service
  }
  check = (): boolean => true
  run: Step = async (model, product) => {
    model.createDefault(this.service)
    await product.createDefault(this.service)
    await compareAll(model, product)
  }
  toString = (): string => `create ${this.service}/default`
}

/** Review only; it may be applied later, after anything. */
class Plan implements fc.AsyncCommand<ModelProject, Product> {
  readonly label: string
  readonly operation: ModelOperation
  readonly keys: string[]
  constructor(label: string, operation: ModelOperation, keys: string[]) {
    this.label = label
    this.operation = operation
    this.keys = keys
  }
  check = (): boolean => true
  run: Step = async (model, product) => {
    const plan = model.plan(this.label, this.operation, this.keys)
    const view = await product.plan(this.label, this.operation, this.keys)
    compareItems(plan, product.keyIdsOf(this.label), view)
    await compareAll(model, product)
  }
  toString = (): string => `plan ${this.label}: ${this.operation} ${this.keys.join(' ')}`
}

class Apply implements fc.AsyncCommand<ModelProject, Product> {
  readonly label: string
  readonly days: number
  constructor(label: string, days: number) {
    this.label = label
    this.days = days
  }
  check = (model: Readonly<ModelProject>): boolean => model.plans.has(this.label)
  run: Step = async (model, product) => {
    const code = model.apply(this.label, this.days)
    const applied = await product.apply(this.label, this.days)
    expect(applied.code).toBe(code)
    const plan = model.plans.get(this.label)
    if (applied.view && plan) compareItems(plan, product.keyIdsOf(this.label), applied.view)
    await compareAll(model, product)
  }
  toString = (): string => `apply ${this.label} (${this.days} days)`
}

class Change implements fc.AsyncCommand<ModelProject, Product> {
  readonly #plan: Plan
  readonly #apply: Apply
  constructor(operation: ModelOperation, keys: string[], days: number) {
    this.#plan = new Plan('now', operation, keys)
    this.#apply = new Apply('now', days)
  }
  check = (): boolean => true
  run: Step = async (model, product) => {
    await this.#plan.run(model, product)
    await this.#apply.run(model, product)
  }
  toString = (): string => `${this.#plan}, ${this.#apply}`
}

class Advance implements fc.AsyncCommand<ModelProject, Product> {
  readonly milliseconds: number
  constructor(milliseconds: number) {
    this.milliseconds = milliseconds
  }
  check = (): boolean => true
  run: Step = async (model, product) => {
    model.now += this.milliseconds
    product.advance(this.milliseconds)
    await compareAll(model, product)
  }
  toString = (): string => `${this.milliseconds / day} days pass`
}

const someTime = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1, 60_000, 30 * 60_000 - 1, 30 * 60_000, day - 1, day) },
  { weight: 2, arbitrary: fc.constantFrom(7 * day - 1, 7 * day, 10 * day) },
  { weight: 1, arbitrary: fc.constantFrom(30 * day, 1_096 * day) },
)

const aCreation = fc
  .tuple(
    fc.constantFrom(...labels.slice(0, 8)),
    fc.constantFrom(...names),
    fc.constantFrom('kms' as const, 'external' as const),
  )
  .map((parts) => new Create(...parts))
const aChange = fc.tuple(anOperation, someKeys, someDays).map((parts) => new Change(...parts))

const commands = [
  aCreation,
  aChange,
  aChange,
  aChange,
  fc.tuple(aPlan, anOperation, someKeys).map((parts) => new Plan(...parts)),
  fc.tuple(aPlan, someDays).map((parts) => new Apply(...parts)),
  fc.constantFrom('obs', 'evs').map((service) => new CreateDefault(service)),
  someTime.map((milliseconds) => new Advance(milliseconds)),
]

/** Most sequences would begin by naming keys that do not exist. */
const beginning = [
  new Create('k0', 'a', 'kms'),
  new Create('k1', 'A', 'kms'),
  new Create('k2', 'b_1', 'external'),
  new Create('k3', 'キー', 'kms'),
  new CreateDefault('obs'),
]

test('whatever is done to keys, in whatever order, the product agrees with the reference', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { size: 'max', maxCommands: 40 }), async (sequence) => {
      await using world = await testWorld(inject('databaseUrl'), { keyQuota: quota, connections: 3 })
      const product = new Product(world)
      const model = new ModelProject(start, quota)
      for (const command of beginning) await command.run(model, product)
      await fc.asyncModelRun(() => ({ model, real: product }), sequence)
      const [report] = await verifyAudit(world.db, world.rootKey, { accountId: world.accountId })
      expect(report).toMatchObject({ problem: null })
    }),
    { numRuns: 15, interruptAfterTimeLimit: 40_000 },
  )
})
