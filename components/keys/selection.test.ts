import { describe, expect, test } from 'vitest'
import { decide, type KeyState, keyOperations, refusalWords } from '#lib/kms/model/key-state.ts'
import type { ItemOutcome, KeyView, Refusals } from '#lib/kms/model/views.ts'
import {
  emptySelection,
  generalRefusals,
  reachOf,
  type Selection,
  selectedCount,
  selectionWords,
  withFreshFacts,
  withTicks,
} from './selection.ts'
import { settled } from './settle-selection.ts'

const forbidden = 'You do not have permission to do this.'

function key(id: string, state: KeyState, more: Partial<KeyView> = {}): KeyView {
  const refusals = Object.fromEntries(
    keyOperations.map((operation) => {
      const facts = { state, isDefault: false, hasMaterial: state !== '5', hasReplicas: false }
      return [operation, decide(operation, facts).allowed ? null : refusalWords(operation, state)]
    }),
  ) as Refusals
  return {
    id,
    name: `key-${id}`,
    description: '',
    projectId: '0'.repeat(32),
    state,
    spec: 'AES_256',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'kms',
    enterpriseProject: { id: '0', name: 'default' },
    isDefault: false,
    hasMaterial: true,
    revision: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    stateChangedAt: '2026-01-01T00:00:00.000Z',
    deletionAt: null,
    materialExpiresAt: null,
    lastUsedAt: null,
    calls30Days: 0,
    refusedCalls30Days: 0,
    refusals,
    ...more,
  }
}

const item = (keyId: string, outcome: ItemOutcome) =>
  ({ keyId, keyName: keyId, state: '2', outcome }) as const

const ids = (selection: Selection) => selection.kind === 'keys' && [...selection.keys.keys()]

const page = [key('a', '2'), key('b', '3'), key('c', '4'), key('d', '5')]
const all = withTicks(emptySelection('s'), page, true, page)

describe('the selection', () => {
  test('counts what each button would act on and says why not on the rest', () => {
    expect(reachOf(all, 'enable').acts).toBe(1)
    expect(reachOf(all, 'disable').acts).toBe(1)
    expect(reachOf(all, 'scheduleDeletion')).toEqual({
      acts: 3,
      cannot: '1 cannot: already pending deletion',
    })
    expect(reachOf(all, 'cancelDeletion')).toEqual({ acts: 1, cannot: '3 cannot: not pending deletion' })
    expect(reachOf(all, 'disable').cannot).toBe(
      '3 cannot: 1 already Disabled, 1 pending deletion: cancel the deletion first, 1 pending import: import key material first',
    )
    expect(reachOf(emptySelection('s'), 'enable')).toEqual({ acts: 0, cannot: null })
  })

  test('holds keys by id, so that another order of the page changes nothing', () => {
    const one = withTicks(emptySelection('s'), [key('b', '3')], true, page)
    expect(withFreshFacts(one, page.toReversed())).toBe(one)
    expect(one.kind === 'keys' && [...one.keys.keys()]).toEqual(['b'])
  })

  test('takes over what a fresh page shows of a ticked key', () => {
    const fresh = withFreshFacts(all, [key('a', '3', { revision: 2 })])
    expect(reachOf(fresh, 'enable').acts).toBe(2)
    expect(selectedCount(fresh)).toBe(4)
  })

  test('says how many are on other pages', () => {
    expect(selectionWords(all, page)).toBe('4 selected')
    expect(selectionWords(all, page.slice(0, 1))).toBe('4 selected · 3 on other pages')
  })

  test('after a change keeps what failed and what the change was not about', () => {
    const items = [item('a', 'done'), item('b', 'skipped'), item('c', 'failed')]
    expect(ids(settled(all, items, 3))).toEqual(['c', 'd'])
  })
})

describe('all that match', () => {
  const filter = { projectId: '0'.repeat(32) } as never
  const counts = { '2': 5, '3': 2, '4': 1, '5': 0 }
  const matching = { kind: 'filter', scope: 's', filter, counts, refusals: {} } as const

  test('is counted per state', () => {
    expect(selectedCount(matching)).toBe(8)
    expect(reachOf(matching, 'disable').acts).toBe(5)
    expect(reachOf(matching, 'scheduleDeletion').acts).toBe(7)
    expect(selectionWords(matching, page)).toBe('All 8 matching keys selected')
  })

  test('unticking one key leaves the other keys of the page', () => {
    const left = withTicks(matching, page.slice(0, 1), false, page)
    expect(left.kind === 'keys' && [...left.keys.keys()]).toEqual(['b', 'c', 'd'])
  })

  test('ends when all of it was changed, but not with the press of a button in one row', () => {
    const items = [item('a', 'done'), item('c', 'changed')]
    expect(ids(settled(matching, items, 8))).toEqual(['c'])
    expect(settled(matching, [item('a', 'done')], 1)).toBe(matching)
  })

  test('a right the caller lacks holds for keys that are not on the page too', () => {
    const refused = key('a', '2')
    refused.refusals.disable = forbidden
    expect(generalRefusals([refused, key('b', '3')])).toEqual({ disable: forbidden })
    expect(reachOf({ ...matching, refusals: generalRefusals([refused]) }, 'disable')).toEqual({
      acts: 0,
      cannot: '8 cannot: you do not have permission to do this',
    })
  })
})
