import { expect as expectSoon, type Locator, type Page } from '@playwright/test'
import type { TakePicture } from './pictures.ts'

/** As patient as the steps between: a busy machine takes longer than five seconds for a page that is right. */
const expect = expectSoon.configure({ timeout: 15_000 })

type Tour = {
  page: Page
  take: TakePicture
  administrator: { email: string; password: string }
  /** Custom keys in the first region before the tour makes two more. */
  keys: number
  /** Lets one more endpoint register and fall silent, as one does whose machine stopped. */
  silenceInstance: (name: string) => Promise<unknown>
}

/** Walks through the daily work, by role and label alone, and leaves a picture of every step. */
export async function walkThrough(tour: Tour): Promise<void> {
  await signIn(tour)
  await createKeys(tour)
  await selectSome(tour)
  await filterByChips(tour)
  await disableAcrossPages(tour)
  await undoFromResult(tour)
  await deleteMany(tour)
  await cancelDeletion(tour)
  await lookAround(tour)
  await inTheDark(tour)
  await onAPhone(tour)
}

const bulk = (page: Page, name: RegExp | string): Locator =>
  page.getByRole('toolbar', { name: 'Selected keys' }).getByRole('button', { name })

const tickBox = (page: Page, key: string): Locator =>
  page.getByRole('checkbox', { name: `Select ${key}`, exact: true })

const keyRows = (page: Page): Locator =>
  page
    .getByRole('grid')
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') })

/** A message in the corner; it goes away by itself or by its button. */
const message = (page: Page, words: RegExp): Locator =>
  page.getByRole('region', { name: 'Messages' }).getByText(words)

async function closeMessages(page: Page): Promise<void> {
  const close = page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Close message' })
  while ((await close.count()) > 0) await close.first().click()
}

/** Picks a property and one of its values in the filter box. */
async function filterBy(page: Page, property: string, value: string): Promise<void> {
  const box = page.getByRole('combobox', { name: 'Filter keys' })
  await box.click()
  await page.getByRole('option', { name: property }).click()
  await page.getByRole('option', { name: value, exact: true }).click()
  await expect(page.getByRole('button', { name: `Remove ${property}: ${value}` })).toBeVisible()
}

async function filterByTag(page: Page, key: string, value: string): Promise<void> {
  const box = page.getByRole('combobox', { name: 'Filter keys' })
  await box.click()
  await page.getByRole('option', { name: 'Tag' }).click()
  await box.fill(key)
  await box.press('Enter')
  await box.fill(value)
  await box.press('Enter')
  await expect(page.getByRole('button', { name: `Remove Tag: ${key} = ${value}` })).toBeVisible()
}

/** Opens a menu and picks one of its entries; in between, it can be looked at. */
async function pick(
  page: Page,
  button: string | RegExp,
  entry: string,
  look?: () => Promise<void>,
): Promise<void> {
  await page.getByRole('button', { name: button }).click()
  await expect(page.getByRole('menuitem', { name: entry, exact: true })).toBeVisible()
  await look?.()
  await page.getByRole('menuitem', { name: entry, exact: true }).click()
  await expect(page.getByRole('menu')).toBeHidden()
}

async function clearFilter(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Clear filter' }).click()
  await expect(page.getByRole('list', { name: 'Filters in use' })).toBeHidden()
}

async function signIn({ page, take, administrator, keys }: Tour): Promise<void> {
  await page.goto('/')
  await page.getByLabel('Email').fill(administrator.email)
  await page.getByLabel('Password').fill(administrator.password)
  await take(page, 'sign-in')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('tab', { name: 'Custom Keys' })).toBeVisible()
  await expect(page.getByText(`Showing 1–20 of ${keys} keys`)).toBeVisible()
  await take(page, 'key-list')
}

async function createKeys({ page, take, keys }: Tour): Promise<void> {
  await page.getByRole('button', { name: 'Create Key' }).click()
  await expect(page.getByRole('heading', { name: 'Create Key' })).toBeVisible()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue(/^KMS-[0-9a-f]{4}$/)
  await take(page, 'create-key')
  await fillKey(page, {
    name: 'payments/gift-cards',
    description: 'Balances of gift cards.',
    tags: { team: 'payments', env: 'production' },
  })
  await take(page, 'create-aes-key')
  await page.getByRole('button', { name: 'OK' }).click()
  await expect(message(page, /payments\/gift-cards created/)).toBeVisible()
  await expect(tickBox(page, 'payments/gift-cards')).toBeVisible()
  await take(page, 'aes-key-created')

  await page.getByRole('button', { name: 'Create Key' }).click()
  await fillKey(page, {
    name: 'payments/invoice-signing',
    algorithm: 'RSA_2048',
    description: 'Signs invoices as PDF.',
    tags: { team: 'payments', env: 'production', 'cost-center': 'CC-4100' },
  })
  await take(page, 'create-rsa-key')
  await page.getByRole('button', { name: 'OK' }).click()
  await expect(message(page, /payments\/invoice-signing created/)).toBeVisible()
  await expect(page.getByText(`Showing 1–20 of ${keys + 2} keys`)).toBeVisible()
  await take(page, 'rsa-key-created')
  await closeMessages(page)
}

type NewKey = { name: string; algorithm?: string; description: string; tags: Record<string, string> }

async function fillKey(page: Page, { name, algorithm, description, tags }: NewKey): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  if (algorithm) await page.getByLabel('Key Algorithm').selectOption(algorithm)
  await page.getByLabel('Enterprise Project').selectOption('payments')
  await page.getByRole('button', { name: 'Advanced settings' }).click()
  await page.getByLabel('Description').fill(description)
  for (const [at, [key, value]] of Object.entries(tags).entries()) {
    await page.getByRole('button', { name: 'Add Tag' }).click()
    await page.getByLabel('Tag key').nth(at).fill(key)
    await page.getByLabel('Tag value').nth(at).fill(value)
  }
}

/** The picture of the README. */
async function selectSome({ page, take }: Tour): Promise<void> {
  const ticked = ['payments/gift-cards', 'wallet/settlement', 'payments/loadtest', 'data/spark-scratch']
  for (const key of ticked) await tickBox(page, key).check()
  await toTop(page)
  await take(page, 'selected')
  await page.getByRole('button', { name: 'Clear selection' }).click()
}

/** Ticking a row far down scrolls to it. */
const toTop = (page: Page): Promise<void> => page.evaluate(() => scrollTo(0, 0))

async function filterByChips({ page, take }: Tour): Promise<void> {
  await page.getByRole('combobox', { name: 'Filter keys' }).click()
  await expect(page.getByRole('option', { name: 'Enterprise Project' })).toBeVisible()
  await take(page, 'filter-properties')
  await filterBy(page, 'Enterprise Project', 'payments')
  await filterByTag(page, 'team', 'payments')
  await page.getByLabel('Rows per page').selectOption('10')
  await expect(page.getByText(/^Showing 1–10 of 17 keys/)).toBeVisible()
  await expect(keyRows(page)).toHaveCount(10)
  await take(page, 'filtered-by-chips')
}

async function disableAcrossPages({ page, take, silenceInstance }: Tour): Promise<void> {
  await page.getByRole('checkbox', { name: 'Select all rows on this page' }).check()
  await page.getByRole('link', { name: 'Page 2' }).click()
  await expect(page.getByText(/^Showing 11–17 of 17 keys/)).toBeVisible()
  for (const key of ['payments/ledger:staging', 'payments/card-vault:staging'])
    await tickBox(page, key).check()
  await take(page, 'selected-across-pages')
  await bulk(page, /^Disable/).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('row').nth(1)).toBeVisible()
  await take(page, 'disable-review')
  await dialog.getByRole('checkbox', { name: 'I understand the impact of disabling keys' }).check()
  await take(page, 'disable-understood')
  await silenceInstance('endpoint at kms-de-2:3001')
  await dialog.getByRole('button', { name: 'OK' }).click()
  await expect(dialog.getByText('endpoint at kms-de-2:3001')).toBeVisible()
  await take(page, 'disable-awaits-an-instance')
  await expect(message(page, /keys disabled/)).toBeVisible()
  await expect(dialog).toBeHidden()
  await take(page, 'disabled')
}

async function undoFromResult({ page, take }: Tour): Promise<void> {
  await page.getByRole('region', { name: 'Messages' }).getByRole('link', { name: 'View result' }).click()
  await expect(page.getByRole('heading', { name: /^Disable \d+ keys$/ })).toBeVisible()
  await take(page, 'result')
  await page.reload()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('heading', { name: /^Enable \d+ keys$/ })).toBeVisible()
  await take(page, 'undo-review')
  await page.getByRole('button', { name: 'OK' }).click()
  await expect(message(page, /keys enabled/)).toBeVisible()
  await take(page, 'undone')
  await page.getByRole('link', { name: 'Back to keys' }).click()
  await expect(page.getByRole('tab', { name: 'Custom Keys' })).toBeVisible()
}

async function deleteMany({ page, take }: Tour): Promise<void> {
  await filterByTag(page, 'env', 'development')
  await page.getByRole('checkbox', { name: 'Select all rows on this page' }).check()
  await take(page, 'development-keys-selected')
  await bulk(page, /^Delete/).click()
  await expect(page.getByRole('heading', { name: 'Delete Key', exact: true })).toBeVisible()
  await take(page, 'delete-keys')
  await page.getByLabel('Waiting Period (days)').fill('30')
  await page.getByLabel(/DELETE/).fill('DELETE')
  await page.getByRole('button', { name: 'OK' }).scrollIntoViewIfNeeded()
  await take(page, 'delete-confirmed')
  await page.getByRole('button', { name: 'OK' }).click()
  await expect(message(page, /Deletion task submitted/)).toBeVisible()
  await expect(page.getByRole('tab', { name: 'Custom Keys' })).toBeVisible()
  await take(page, 'deletion-submitted')
  await closeMessages(page)
  await clearFilter(page)
}

async function cancelDeletion({ page, take }: Tour): Promise<void> {
  await filterBy(page, 'Status', 'Pending deletion')
  await expect(keyRows(page).first()).toBeVisible()
  await take(page, 'pending-deletion')
  for (const key of ['orders-db:dev', 'ci/build-cache', 'data/ml-training-sets'])
    await tickBox(page, key).check()
  await bulk(page, /^Cancel Deletion/).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('row').nth(1)).toBeVisible()
  await take(page, 'cancel-deletion-review')
  await dialog.getByRole('button', { name: 'OK' }).click()
  await expect(message(page, /taken off deletion/)).toBeVisible()
  await take(page, 'deletion-canceled')
  await closeMessages(page)
  await clearFilter(page)
}

async function lookAround({ page, take }: Tour): Promise<void> {
  await page.getByRole('combobox', { name: 'Filter keys' }).fill('no such key')
  await page.getByRole('combobox', { name: 'Filter keys' }).press('Enter')
  await expect(page.getByRole('heading', { name: 'No key matches this filter' })).toBeVisible()
  await take(page, 'no-match')
  await clearFilter(page)
  await page.getByRole('tab', { name: 'Default Keys' }).click()
  await expect(keyRows(page)).toHaveCount(4)
  await take(page, 'default-keys')
  await pick(page, /^Region and project/, 'eu-nl', () => take(page, 'regions'))
  // The tabs lead into the region that is shown, so it must have changed first.
  await expect(page.getByRole('button', { name: 'Region and project: Amsterdam, eu-nl' })).toBeVisible()
  await page.getByRole('tab', { name: 'Custom Keys' }).click()
  await expect(tickBox(page, 'orders-db:replica')).toBeVisible()
  await take(page, 'other-region')
  await pick(page, /^Region and project/, 'eu-de')
  await expect(page.getByRole('button', { name: 'Region and project: Frankfurt, eu-de' })).toBeVisible()
  await expect(tickBox(page, 'payments/gift-cards')).toBeVisible()
}

async function inTheDark({ page, take }: Tour): Promise<void> {
  await pick(page, 'Theme', 'Dark')
  for (const key of ['payments/gift-cards', 'identity/token-signing:pq-trial', 'hsm-import/root-of-trust'])
    await tickBox(page, key).check()
  await toTop(page)
  await take(page, 'dark')
  await bulk(page, /^Disable/).click()
  await expect(page.getByRole('dialog').getByRole('row').nth(1)).toBeVisible()
  await take(page, 'dark-review')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await pick(page, 'Theme', 'Light')
}

async function onAPhone({ page, take }: Tour): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 })
  await take(page, 'narrow')
  await bulk(page, /^Delete/).click()
  await expect(page.getByRole('heading', { name: 'Delete Key', exact: true })).toBeVisible()
  await take(page, 'narrow-delete')
  await page.getByRole('link', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'Create Key' }).click()
  await expect(page.getByRole('heading', { name: 'Create Key' })).toBeVisible()
  await take(page, 'narrow-create')
  await page.getByRole('link', { name: 'Cancel' }).click()
  await expect(page.getByRole('tab', { name: 'Custom Keys' })).toBeVisible()
}
