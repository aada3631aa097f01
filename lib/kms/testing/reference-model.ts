/**
 * What keys do, written down a second time from the reference and nothing else: no product code may be imported here,
 * so that a mistake in the product's table cannot repeat itself. Sources: Huawei KMS, key states and transitions,
 * error codes, quotas; the rules of a reviewed change are the product's own.
 */

export type ModelState = '2' | '3' | '4' | '5'

export type ModelOperation = 'enable' | 'disable' | 'scheduleDeletion' | 'cancelDeletion'

/** The next state, or the code of the refusal. */
type Cell = ModelState | `KMS.${string}` | 'with material 3, without 5'

/** Huawei KMS, "Transitions": one line per operation, one column per state it may start from. */
export const transitions: Record<ModelOperation, Record<ModelState, Cell>> = {
  enable: { '2': 'KMS.1201', '3': '2', '4': 'KMS.0210', '5': 'KMS.1201' },
  disable: { '2': '3', '3': 'KMS.1301', '4': 'KMS.1301', '5': 'KMS.1301' },
  scheduleDeletion: { '2': '4', '3': '4', '4': 'KMS.1402', '5': '4' },
  cancelDeletion: { '2': 'KMS.1501', '3': 'KMS.1501', '4': 'with material 3, without 5', '5': 'KMS.1501' },
}

export type ModelFacts = {
  state: ModelState
  isDefault: boolean
  hasMaterial: boolean
  hasReplicas: boolean
}

/** What the reference says of one operation on one key. */
export function expected(
  operation: ModelOperation,
  key: ModelFacts,
): { next: ModelState } | { code: string } {
  if (key.isDefault) return { code: 'KMS.0211' }
  const cell = transitions[operation][key.state]
  if (cell.startsWith('KMS.')) return { code: cell }
  // "Deleting a primary key that still has replicas is refused"; it has no code there.
  if (operation === 'scheduleDeletion' && key.hasReplicas) return { code: 'Keystead.0002' }
  if (cell === 'with material 3, without 5') return { next: key.hasMaterial ? '3' : '5' }
  return { next: cell as ModelState }
}

export type ModelKey = {
  name: string
  state: ModelState
  isDefault: boolean
  hasMaterial: boolean
  deletionAt: number | null
  revision: number
}

export type ModelItem = { key: string; outcome: string; code: string | null; next: ModelState | null }

export type ModelPlan = {
  operation: ModelOperation
  plannedAt: number
  applied: boolean
  items: (ModelItem & { revision: number | null })[]
}

const day = 86_400_000
const planLife = 30 * 60_000

/** One project. Keys are known by a label of the test, moments are milliseconds. */
export class ModelProject {
  readonly keys = new Map<string, ModelKey>()
  readonly plans = new Map<string, ModelPlan>()
  readonly quota: number
  now: number

  constructor(now: number, quota: number) {
    this.now = now
    this.quota = quota
  }

  /** "Key gone for good": from its moment on a key is no key for anyone. */
  alive(): [string, ModelKey][] {
    return [...this.keys].filter(([, key]) => key.deletionAt === null || key.deletionAt > this.now)
  }

  /** "Counts enabled, disabled and pending deletion; excludes default keys." */
  used(): number {
    return this.alive().filter(([, key]) => !key.isDefault).length
  }

  /** Returns the code of the refusal, or null. */
  create(label: string, name: string, origin: 'kms' | 'external'): string | null {
    if (this.used() >= this.quota) return 'KMS.1105'
    if (this.alive().some(([, key]) => key.name === name)) return 'KMS.1104'
    const hasMaterial = origin === 'kms'
    this.keys.set(label, {
      name,
      state: hasMaterial ? '2' : '5',
      isDefault: false,
      hasMaterial,
      deletionAt: null,
      revision: 1,
    })
    return null
  }

  /** Made on first use; afterwards it is the same one. */
  createDefault(service: string): void {
    const label = `${service}/default`
    if (this.keys.has(label)) return
    this.keys.set(label, {
      name: label,
      state: '2',
      isDefault: true,
      hasMaterial: true,
      deletionAt: null,
      revision: 1,
    })
  }

  plan(label: string, operation: ModelOperation, keys: string[]): ModelPlan {
    const items = keys.map((key) => {
      const found = this.#find(key)
      if (!found) return { key, outcome: 'skipped', code: 'KMS.0207', next: null, revision: null }
      const answer = expected(operation, { ...found, hasReplicas: false })
      return 'code' in answer
        ? { key, outcome: 'skipped', code: answer.code, next: null, revision: found.revision }
        : { key, outcome: 'pending', code: null, next: answer.next, revision: found.revision }
    })
    const plan = { operation, plannedAt: this.now, applied: false, items }
    this.plans.set(label, plan)
    return plan
  }

  /** Applies a plan; returns the code with which it is refused as a whole, or null. */
  apply(label: string, days: number): string | null {
    const plan = this.plans.get(label)
    if (!plan || plan.applied) return null
    if (this.now >= plan.plannedAt + planLife) return 'Keystead.0005'
    if (plan.operation === 'scheduleDeletion' && (days < 7 || days > 1_096)) return 'KMS.1401'
    plan.applied = true
    for (const item of plan.items) {
      if (item.outcome === 'pending') Object.assign(item, this.#applyItem(plan.operation, item, days))
    }
    return null
  }

  #applyItem(
    operation: ModelOperation,
    item: ModelPlan['items'][number],
    days: number,
  ): Pick<ModelItem, 'outcome' | 'code'> {
    const key = this.#find(item.key)
    if (!key) return { outcome: 'failed', code: 'KMS.0207' }
    if (key.revision !== item.revision) return { outcome: 'changed', code: 'Keystead.0009' }
    key.state = item.next as ModelState
    key.deletionAt = operation === 'scheduleDeletion' ? this.now + days * day : null
    key.revision++
    return { outcome: 'done', code: null }
  }

  #find(label: string): ModelKey | undefined {
    return this.alive().find(([known]) => known === label)?.[1]
  }
}
