'use client'

import { useRouter } from 'next/navigation'
import {
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useMemo,
  useOptimistic,
  useState,
  useTransition,
} from 'react'
import { DataTable, type Sort } from '#components/data-table/data-table.tsx'
import { DensitySwitch } from '#components/data-table/density.tsx'
import type { Density } from '#components/data-table/density-choice.ts'
import { ListBar, ListFooter } from '#components/data-table/list-bar.tsx'
import { Button } from '#components/ui/button.tsx'
import { EmptyState, NoMatch } from '#components/ui/page-state.tsx'
import { Pager } from '#components/ui/pager.tsx'
import { WhenReady } from '#components/ui/when-ready.tsx'
import { plural } from '#lib/format/count.ts'
import { isFiltered, keyListHref, withoutFilter } from '#lib/key-list-url.ts'
import type { KeyListInput, SortColumn } from '#lib/kms/model/inputs/key-filter.ts'
import type { KeyOperation } from '#lib/kms/model/key-state.ts'
import type { KeyPage, KeyView } from '#lib/kms/model/views.ts'
import { BulkToolbar } from './bulk-toolbar.tsx'
import { ExactCount } from './exact-count.tsx'
import { FilterBox } from './filter-box.tsx'
import { FilterChips } from './filter-chips.tsx'
import { termsOf } from './filter-terms.ts'
import { type KeyActions, KeyActionsContext } from './key-actions.ts'
import { keyColumns } from './key-columns.tsx'
import { ReadAt } from './read-at.tsx'
import { selectedCount } from './selection.ts'
import { SelectionStatus } from './selection-status.tsx'
import { useKeyChanges } from './use-key-changes.ts'
import { useKeySelection } from './use-key-selection.ts'

const ChangeDialog = lazy(loadDialog)

function loadDialog() {
  return import('#components/changes/change-dialog.tsx')
}

/** Fetched before it is pressed, not before it is likely to be. */
const onNear = () => void loadDialog()

const idOf = (key: KeyView) => key.id
const nameOf = (key: KeyView) => key.name

/**
 * The list: one page of keys as the server read it, the filter, the ticks, and what can be done with them. The
 * question it answers is in the address; nothing else about the keys is kept here.
 */
export function KeyList({
  list,
  page,
  density: savedDensity,
}: {
  /** What was asked for. */
  list: KeyListInput
  /** What was found. */
  page: KeyPage
  density: Density
}) {
  const { enterpriseProjects } = page
  const router = useRouter()
  const [pending, startTransition] = useTransition()
  const [density, setDensity] = useState(savedDensity)
  const [counting, setCounting] = useState(false)
  const { selection, boxes, write, clear } = useKeySelection(list, page.keys)
  const changes = useKeyChanges(list)
  const { start, planningDelete } = changes

  // What was asked for last, until it is found: the next filter goes on from there, however fast it is picked
  const [asked, setAsked] = useOptimistic(list)

  const goTo = useCallback(
    (next: KeyListInput) =>
      startTransition(() => {
        setAsked(next)
        router.push(keyListHref(next), { scroll: false })
      }),
    [router, setAsked],
  )
  const refresh = () => startTransition(() => router.refresh())
  const clearFilter = () => goTo(withoutFilter(asked))

  const actions = useMemo<KeyActions>(
    () => ({
      start: (operation, key) => start(operation, { ids: [key.id] }, 1, key.id),
      planning: planningDelete?.keyId
        ? { keyId: planningDelete.keyId, operation: 'scheduleDeletion' as const }
        : null,
      onNear,
      readAt: page.readAt,
    }),
    [start, planningDelete?.keyId, page.readAt],
  )

  function startBulk(operation: KeyOperation, keys: number) {
    start(
      operation,
      selection.kind === 'filter' ? { filter: selection.filter } : { ids: [...selection.keys.keys()] },
      keys,
    )
  }

  const terms = termsOf(asked, enterpriseProjects)
  const filtered = isFiltered(list)
  const selecting = !list.defaultKeys && selectedCount(selection) > 0

  return (
    <KeyActionsContext value={actions}>
      <WhenReady>
        <ListBar>
          {!list.defaultKeys && (
            <div
              className={
                selecting
                  ? 'contents max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:z-20 max-md:flex max-md:flex-col-reverse max-md:gap-1 max-md:border-t max-md:border-line-strong max-md:bg-raised max-md:px-4 max-md:py-2'
                  : 'contents'
              }
            >
              <BulkToolbar
                selection={selection}
                planning={planningDelete?.keyId === null ? 'scheduleDeletion' : null}
                counting={counting}
                onStart={startBulk}
                onNear={onNear}
              />
              <SelectionStatus
                list={list}
                page={page}
                selection={selection}
                counting={counting}
                onCounting={setCounting}
                onSelect={(next) => write(() => next)}
                onClear={clear}
              />
            </div>
          )}
          <FilterBox list={asked} enterpriseProjects={enterpriseProjects} onChange={goTo} />
          <ReadAt moment={page.readAt} brief={selecting} pending={pending} onRefresh={refresh} />
          <div className="max-md:hidden">
            <DensitySwitch density={density} onChange={setDensity} />
          </div>
        </ListBar>
        {terms.length > 0 && (
          <FilterChips
            terms={terms}
            onChange={goTo}
            onClear={page.keys.length > 0 ? clearFilter : undefined}
          />
        )}
        <p role="status" className="sr-only">
          {plural(page.total.count, 'key')} {filtered ? 'match the filter' : 'in the list'}
        </p>
        <DataTable
          label={list.defaultKeys ? 'Default keys' : 'Custom keys'}
          columns={keyColumns(list.defaultKeys, enterpriseProjects.length > 1)}
          rows={page.keys}
          idOf={idOf}
          nameOf={nameOf}
          density={density}
          sort={{ column: list.sort, direction: list.direction }}
          sortHref={({ column, direction }: Sort) =>
            keyListHref({ ...list, page: 1, sort: column as SortColumn, direction })
          }
          {...(!list.defaultKeys && { selection: boxes })}
          pending={pending}
          empty={<NoRows list={list} page={page} onClear={clearFilter} />}
        />
        <ListFooter>
          {page.total.count > 0 && (
            <Pager
              page={page.page}
              size={page.pageSize}
              total={{ count: page.total.count, atLeast: !page.total.exact }}
              noun="keys"
              hrefFor={(number, size) =>
                keyListHref({ ...list, page: number, pageSize: size as KeyListInput['pageSize'] })
              }
              extra={page.total.exact ? null : <ExactCount key={page.readAt} filter={list} />}
            />
          )}
        </ListFooter>
        {selecting && <div className="h-28 md:hidden" />}
      </WhenReady>
      {changes.review && (
        <Suspense>
          <ChangeDialog
            key={changes.review.turn}
            request={changes.review.request}
            plan={changes.review.plan}
            expected={changes.review.expected}
            onSettled={changes.settled}
            onClose={changes.close}
            onLeave={changes.leave}
            onRequest={changes.open}
          />
        </Suspense>
      )}
    </KeyActionsContext>
  )
}

/** Nothing there yet, or nothing that matches: never the same picture. */
function NoRows({
  list,
  page,
  onClear,
}: {
  list: KeyListInput
  page: KeyPage
  onClear: () => void
}): ReactNode {
  if (page.anyKeys) {
    return (
      <NoMatch title="No key matches this filter" actions={<Button onClick={onClear}>Clear filter</Button>}>
        All conditions have to hold at once. Remove one of them, or clear the filter.
      </NoMatch>
    )
  }
  if (list.defaultKeys) {
    return (
      <EmptyState title="No default keys yet">
        Keystead makes a default key when a service of this project first needs one.
      </EmptyState>
    )
  }
  return (
    <EmptyState title="No keys in this project yet">
      {page.createRefusal
        ? 'Your role lets you see keys here, but not create them.'
        : 'Make the first one with Create Key, at the top right.'}
    </EmptyState>
  )
}
