import type { Route } from '@playwright/test'
import { listKeys } from '#lib/kms/keys/list-keys.ts'
import { keyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { TestWorld } from '#lib/kms/testing/test-world.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { expect, test } from './fixtures.ts'
import { confirmDisabling, ok, openList, row, understanding } from './key-list-steps.ts'
import { expectAccessible, expectAnnouncement, inEveryLook } from './steps.ts'

async function stateOf({ ctx, projectId }: TestWorld) {
  return (await listKeys(ctx, keyListInput.parse({ projectId }))).keys[0]?.state
}

const isAction = (route: Route) => route.request().headers()['next-action'] !== undefined

test('an answer that is lost after the change was made is looked up, not guessed at', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'half-way' })
  await signInAs()
  await openList(page, world)
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await expect(page.getByRole('dialog').getByRole('table')).toBeVisible()
  // The request arrives; its answer does not
  await page.route('**/keys?**', async (route) => {
    if (!isAction(route)) return route.continue()
    await route.fetch()
    await route.abort('connectionreset')
  })
  await page.route('**/progress?**', (route) => route.abort())
  await confirmDisabling(page)
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('alert')).toContainText('It is not known yet whether the change was applied.')
  expect(await stateOf(world)).toBe('3')
  await inEveryLook(page, () => expectAccessible(page))
  await page.unrouteAll()
  await dialog.getByRole('button', { name: 'Check what happened' }).click()
  await expectAnnouncement(page, '1 key disabled.')
})

test('a confirmation that never arrived changes nothing and can be given again', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'untouched' })
  await signInAs()
  await openList(page, world)
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await expect(page.getByRole('dialog').getByRole('table')).toBeVisible()
  await page.route('**/keys?**', (route) => (isAction(route) ? route.abort() : route.continue()))
  await confirmDisabling(page)
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Check what happened' }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('Nothing was applied')
  await expect(page.getByRole('checkbox', { name: understanding })).toBeChecked()
  expect(await stateOf(world)).toBe('2')
  await ok(page).click()
  await expectAnnouncement(page, '1 key disabled.')
})

test('a session that ended leaves the dialog as it is and offers to sign in', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'waiting-for-me' })
  const { ctx } = await signInAs()
  await openList(page, world)
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await expect(page.getByRole('dialog').getByRole('table')).toBeVisible()
  const cookies = await page.context().cookies()
  await page.context().clearCookies()
  await confirmDisabling(page)
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('alert')).toContainText('You are signed out')
  await expect(dialog.getByRole('link', { name: 'Sign in in a new tab' })).toHaveAttribute('target', '_blank')
  await expect(dialog.getByRole('checkbox', { name: understanding })).toBeChecked()
  await inEveryLook(page, () => expectAccessible(page))
  await page.context().addCookies(cookies)
  await ok(page).click()
  await expectAnnouncement(page, '1 key disabled.')
  expect(ctx.accountId).toBe(world.accountId)
})

test('a review that has grown old is made again', async ({ page, world, signInAs, makeKey }) => {
  const key = await makeKey({ name: 'slowly' })
  await signInAs()
  await openList(page, world)
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('table')).toBeVisible()
  await inSystemTransaction(world.db, 'jobs', (sql) =>
    sql.change.updateMany({
      where: { accountId: world.accountId },
      data: { plannedAt: new Date(Date.now() - 3_600_000), expiresAt: new Date(Date.now() - 1_800_000) },
    }),
  )
  await confirmDisabling(page)
  await expect(dialog.getByRole('alert')).toContainText('has expired. Nothing was changed.')
  await expect(ok(page)).toHaveAccessibleDescription('This review has expired')
  await dialog.getByRole('button', { name: 'Review again' }).click()
  await expect(dialog.getByRole('table')).toBeVisible()
  await expect(dialog.getByRole('checkbox', { name: understanding })).toBeChecked()
  await ok(page).click()
  await expectAnnouncement(page, '1 key disabled.')
})

test('without a connection the review says so and can be tried again', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'offline' })
  await signInAs()
  await openList(page, world)
  const disable = row(page, key).getByRole('button', { name: 'Disable', exact: true })
  // The dialog's code is fetched when the pointer comes near
  await disable.hover()
  await page.waitForLoadState('networkidle')
  await page.route('**/keys?**', (route) => (isAction(route) ? route.abort() : route.continue()))
  await disable.click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('No answer arrived')
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('dialog').getByRole('table')).toBeVisible()
})
