import type { Locator, Page } from '@playwright/test'
import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import type { KeyOperation } from '#lib/kms/model/key-state.ts'
import type { KeyView } from '#lib/kms/model/views.ts'
import { expect } from './fixtures.ts'

export const understanding = 'I understand the impact of disabling keys'

export const toolbar = (page: Page): Locator => page.getByRole('toolbar', { name: 'Selected keys' })

/** The bulk button, whatever number it carries. */
export const bulk = (page: Page, word: string): Locator =>
  toolbar(page).getByRole('button', { name: new RegExp(`^${word}( \\(\\d+\\))?$`) })

export const row = (page: Page, { name }: Pick<KeyView, 'name'>): Locator =>
  page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })

export const tick = (page: Page, { name }: Pick<KeyView, 'name'>): Locator =>
  page.getByRole('checkbox', { name: `Select ${name}`, exact: true })

export const filterBox = (page: Page): Locator => page.getByRole('combobox', { name: 'Filter keys' })

export const ok = (page: Page): Locator =>
  page.getByRole('dialog').getByRole('button', { name: 'OK', exact: true })

export async function openList(page: Page, { projectId }: { projectId: string }, query = ''): Promise<void> {
  await page.goto(`/keys?project=${projectId}${query}`)
  await expect(page.getByRole('heading', { name: 'Keys', level: 1 })).toBeVisible()
}

/** What another administrator does meanwhile. */
export async function change(
  ctx: KmsContext,
  operation: KeyOperation,
  keys: readonly KeyView[],
): Promise<void> {
  const projectId = keys[0]?.projectId ?? ''
  const plan = await planChange(ctx, { projectId, operation, selection: { ids: keys.map(({ id }) => id) } })
  await applyChange(ctx, {
    changeId: plan.id,
    understood: true,
    pendingDays: '7',
    confirmation: 'DELETE',
  })
}

/** Reads the dialog as far as its confirmation and gives it. */
export async function confirmDisabling(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('table')).toBeVisible()
  await dialog.getByRole('checkbox', { name: understanding }).check()
  await ok(page).click()
}
