import { formatCount, plural } from '#lib/format/count.ts'
import type { KeyFilter } from '#lib/kms/model/inputs/key-filter.ts'
import {
  type KeyOperation,
  type KeyState,
  keyStates,
  operationWords,
  refusalWords,
  statesAllowing,
} from '#lib/kms/model/key-state.ts'
import type { KeyView, Refusals, StateCounts } from '#lib/kms/model/views.ts'

/** A ticked key as it was last seen. */
export type SelectedKey = Pick<KeyView, 'id' | 'name' | 'state' | 'revision' | 'refusals'>

/**
 * What is ticked: keys by id, never by position, so that sorting and paging cannot move a tick to another key; or
 * everything that matches a filter, counted per state. `scope` names the filter under which it was ticked.
 */
export type Selection =
  | { kind: 'keys'; scope: string; keys: ReadonlyMap<string, SelectedKey> }
  | { kind: 'filter'; scope: string; filter: KeyFilter; counts: StateCounts; refusals: Partial<Refusals> }

/** Nothing is ticked. */
export function emptySelection(scope: string): Selection {
  return { kind: 'keys', scope, keys: new Map() }
}

/** How many keys are ticked. */
export function selectedCount(selection: Selection): number {
  if (selection.kind === 'keys') return selection.keys.size
  return Object.values(selection.counts).reduce((sum, count) => sum + count, 0)
}

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === 'filter' || selection.keys.has(id)
}

/**
 * Ticks or unticks keys. Unticking a key of "all that match" leaves what can be seen ticked: the other keys of the
 * page, since the list never holds the ids of the rest.
 */
export function withTicks(
  selection: Selection,
  changed: readonly KeyView[],
  on: boolean,
  pageKeys: readonly KeyView[],
): Selection {
  if (selection.kind === 'filter' && on) return selection
  const before = selection.kind === 'keys' ? selection.keys : new Map(pageKeys.map(seen))
  const keys = new Map(before)
  for (const key of changed) {
    if (on) keys.set(...seen(key))
    else keys.delete(key.id)
  }
  return { kind: 'keys', scope: selection.scope, keys }
}

/** Brings ticked keys up to what a fresh page shows of them; the same object when nothing is new. */
export function withFreshFacts(selection: Selection, pageKeys: readonly KeyView[]): Selection {
  if (selection.kind === 'filter') return selection
  const stale = pageKeys.filter((key) => {
    const known = selection.keys.get(key.id)
    return known && (known.revision !== key.revision || known.state !== key.state)
  })
  if (stale.length === 0) return selection
  const keys = new Map(selection.keys)
  for (const key of stale) keys.set(...seen(key))
  return { ...selection, keys }
}

function seen({ id, name, state, revision, refusals }: KeyView): [string, SelectedKey] {
  return [id, { id, name, state, revision, refusals }]
}

/**
 * Operations the caller may not do at all, with the reason: where a key's state allows one and the server still
 * refuses it. It stands for the keys of a filter that are not on the page.
 */
export function generalRefusals(pageKeys: readonly KeyView[]): Partial<Refusals> {
  const found: Partial<Refusals> = {}
  for (const key of pageKeys) {
    for (const operation of Object.keys(operationWords) as KeyOperation[]) {
      const refusal = key.refusals[operation]
      if (refusal !== null && refusal !== refusalWords(operation, key.state) && !key.isDefault) {
        if (statesAllowing(operation).includes(key.state)) found[operation] = refusal
      }
    }
  }
  return found
}

/** What a bulk button would do to the selection. */
export type Reach = {
  /** How many keys it would act on. */
  acts: number
  /** Why it would not act on the others: "3 cannot: 2 already Disabled, 1 pending import…"; null when it acts on all. */
  cannot: string | null
}

export function reachOf(selection: Selection, operation: KeyOperation): Reach {
  const reasons = new Map<string, number>()
  let acts = 0
  const count = (reason: string | null | undefined, keys: number) => {
    if (keys === 0) return
    if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + keys)
    else acts += keys
  }
  if (selection.kind === 'keys') {
    for (const key of selection.keys.values()) count(key.refusals[operation], 1)
  } else {
    for (const state of Object.keys(keyStates) as KeyState[]) {
      const fits = statesAllowing(operation).includes(state)
      const refusal = selection.refusals[operation] ?? (fits ? null : refusalWords(operation, state))
      count(refusal, selection.counts[state])
    }
  }
  return { acts, cannot: cannotWords(reasons) }
}

function cannotWords(reasons: ReadonlyMap<string, number>): string | null {
  if (reasons.size === 0) return null
  const total = [...reasons.values()].reduce((sum, keys) => sum + keys, 0)
  const parts = [...reasons].map(([reason, keys]) => {
    const words = reason.replace(/\.$/, '')
    const lower = words.charAt(0).toLowerCase() + words.slice(1)
    return reasons.size === 1 ? lower : `${formatCount(keys)} ${lower}`
  })
  return `${formatCount(total)} cannot: ${parts.join(', ')}`
}

/** "12 selected · 7 on other pages", or that everything which matches is. */
export function selectionWords(selection: Selection, pageKeys: readonly KeyView[]): string {
  const count = selectedCount(selection)
  if (selection.kind === 'filter') return `All ${plural(count, 'matching key')} selected`
  const here = pageKeys.filter((key) => selection.keys.has(key.id)).length
  const elsewhere = count - here
  return elsewhere > 0
    ? `${formatCount(count)} selected · ${formatCount(elsewhere)} on other pages`
    : `${formatCount(count)} selected`
}
