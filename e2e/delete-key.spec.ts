import { randomUUID } from 'node:crypto'
import type { Page } from '@playwright/test'
import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { listKeys } from '#lib/kms/keys/list-keys.ts'
import { keyFilter, keyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import type { TestWorld } from '#lib/kms/testing/test-world.ts'
import { expect, test } from './fixtures.ts'
import { expectAccessible, expectAnnouncement, expectNoSideScroll, inEveryLook } from './steps.ts'

const days = (page: Page) => page.getByLabel('Waiting Period (days)')
const word = (page: Page) => page.getByLabel(/DELETE/)
const ok = (page: Page) => page.getByRole('button', { name: 'OK', exact: true })
const problem = (page: Page) => page.getByRole('form', { name: 'Delete Key' }).getByRole('alert')

function planDeletion(ctx: KmsContext, { projectId }: TestWorld, ids: string[]): Promise<ChangeView> {
  return planChange(ctx, { projectId, operation: 'scheduleDeletion', selection: { ids } })
}

async function openPlan(page: Page, { projectId }: TestWorld, changeId: string) {
  await page.goto(`/keys/delete/${changeId}?project=${projectId}`)
  await expect(page.getByRole('heading', { name: 'Delete Key', level: 1 })).toBeVisible()
}

async function statesOf({ ctx, projectId }: TestWorld) {
  const { keys } = await listKeys(ctx, keyListInput.parse({ projectId, sort: 'name', direction: 'asc' }))
  return keys.map((key) => [key.name, key.state])
}

test('a key is deleted from its row, and the list comes back with its filter', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  await makeKey({ name: 'doomed' })
  await makeKey({ name: 'kept' })
  await signInAs()
  await page.goto(`/keys?project=${world.projectId}&name=doomed`)
  await page
    .getByRole('row', { name: /doomed/ })
    .getByRole('button', { name: 'Delete' })
    .click()
  await expect(page.getByText('The key doomed will be deleted.')).toBeVisible()
  const table = page.getByRole('table', { name: 'Keys to delete' })
  await expect(table.getByRole('columnheader')).toHaveText(['Name', 'Status', 'ID'])

  await expect(ok(page)).toHaveAccessibleDescription('Enter DELETE in the box above to unlock OK.')
  await days(page).fill('7')
  const day = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '/')
  await expect(page.getByText(`Deleted about ${day}, in 7 days`)).toBeVisible()
  await word(page).fill('delete')
  await ok(page).click({ force: true })
  expect(await statesOf(world)).toEqual([
    ['doomed', '2'],
    ['kept', '2'],
  ])
  await word(page).fill('DELETE')
  await ok(page).click()
  await expectAnnouncement(page, `Deletion task submitted: 1 key, deleted on ${day}`)
  await expect(page).toHaveURL(/\/keys\?.*name=doomed/)
  await expect(page.getByRole('row', { name: /doomed/ })).toContainText('Pending deletion')
  expect(await statesOf(world)).toEqual([
    ['doomed', '4'],
    ['kept', '2'],
  ])
})

test('a waiting period that is no whole number of days from 7 to 1096 is refused and kept', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const user = await signInAs()
  const key = await makeKey({ name: 'doomed' })
  await openPlan(page, world, (await planDeletion(user.ctx, world, [key.id])).id)
  await word(page).fill('DELETE')
  for (const bad of ['6', '1097', '7.5', '', '７', '-7', '1e2', 'seven']) {
    await days(page).fill(bad)
    await ok(page).click()
    await expect(days(page)).toHaveAccessibleDescription(
      /Waiting Period must be a whole number of days from 7 to 1096\./,
    )
    await expect(days(page)).toBeFocused()
    await expect(days(page)).toHaveValue(bad)
    await expect(page.getByText('Deleted about')).toBeHidden()
  }
  expect(await statesOf(world)).toEqual([['doomed', '2']])
  await days(page).fill('1096')
  await expect(page.getByText('in 1,096 days')).toBeVisible()
  await ok(page).click()
  await expectAnnouncement(page, 'Deletion task submitted: 1 key')
})

test('what cannot be deleted is named with its reason and left alone', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const user = await signInAs()
  const enabled = await makeKey({ name: 'enabled' })
  const external = await makeKey({ name: 'external', origin: 'external' })
  const going = await makeKey({ name: 'going' })
  const earlier = await planDeletion(user.ctx, world, [going.id])
  await applyChange(user.ctx, { changeId: earlier.id, pendingDays: '30', confirmation: 'DELETE' })
  const unknown = randomUUID()
  const ids = [enabled.id, external.id, going.id, unknown, '=no id']
  await openPlan(page, world, (await planDeletion(user.ctx, world, ids)).id)
  await expect(page.getByRole('heading', { name: 'Delete 2 keys' })).toBeVisible()
  await expect(page.getByText('2 keys will be deleted. 3 will be skipped.')).toBeVisible()
  const row = (text: string) => page.getByRole('row').filter({ hasText: text })
  await expect(row('going')).toContainText('Will be skipped. Already pending deletion')
  await expect(row(unknown)).toContainText('Will be skipped. No such key.')
  await expect(row('=no id')).toContainText('Will be skipped. No such key.')
  await page.getByLabel('Only the 3 skipped').check()
  await expect(row('external')).toBeHidden()
  await days(page).fill('8')
  await word(page).fill('DELETE')
  await ok(page).click()
  await expectAnnouncement(page, 'Deletion task submitted: 2 keys')
  expect(await statesOf(world)).toEqual([
    ['enabled', '4'],
    ['external', '4'],
    ['going', '4'],
  ])
})

test('a plan that is expired, submitted, another’s or unknown says so and deletes nothing', async ({
  page,
  world,
  signInAs,
  makeUser,
  makeKey,
}) => {
  const user = await signInAs()
  const stranger = await makeUser()
  const key = await makeKey({ name: 'safe' })
  const hourAgo = { ...user.ctx, now: (clock: Date) => new Date(clock.getTime() - 3_600_000) }

  await openPlan(page, world, (await planDeletion(hourAgo, world, [key.id])).id)
  await expect(page.getByText('This review has expired')).toBeVisible()
  await page.getByRole('button', { name: 'Review again' }).click()
  await expect(page.getByText('The key safe will be deleted.')).toBeVisible()

  await openPlan(page, world, (await planDeletion(stranger.ctx, world, [key.id])).id)
  await expect(page.getByText('This is not your deletion')).toBeVisible()

  for (const id of [randomUUID(), 'not-a-uuid']) {
    await page.goto(`/keys/delete/${id}?project=${world.projectId}`)
    await expect(page.getByRole('heading', { name: /not found/i })).toBeVisible()
  }
  expect(await statesOf(world)).toEqual([['safe', '2']])

  const applied = await planDeletion(user.ctx, world, [key.id])
  await applyChange(user.ctx, { changeId: applied.id, pendingDays: '7', confirmation: 'DELETE' })
  await openPlan(page, world, applied.id)
  await expect(page.getByText('This deletion was submitted already')).toBeVisible()
  await page.getByRole('link', { name: 'View result' }).click()
  await expect(page.getByText('1 done')).toBeVisible()
})

test('a plan that expires while the page is open is refused, and says what to do', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const user = await signInAs()
  const key = await makeKey({ name: 'safe' })
  const ago = { ...user.ctx, now: (clock: Date) => new Date(clock.getTime() - 29.75 * 60_000) }
  const plan = await planDeletion(ago, world, [key.id])
  await openPlan(page, world, plan.id)
  await days(page).fill('7')
  await word(page).fill('DELETE')
  await expect.poll(() => Date.now() > Date.parse(plan.expiresAt), { timeout: 40_000 }).toBe(true)
  await ok(page).click()
  await expect(problem(page)).toContainText('has expired. Nothing was changed.')
  await expect(days(page)).toHaveValue('7')
  expect(await statesOf(world)).toEqual([['safe', '2']])
})

test('a session that ended keeps what was typed', async ({ page, world, signInAs, makeKey, context }) => {
  const user = await signInAs()
  const key = await makeKey({ name: 'doomed' })
  await openPlan(page, world, (await planDeletion(user.ctx, world, [key.id])).id)
  await days(page).fill('30')
  await word(page).fill('DELETE')
  const cookies = await context.cookies()
  await context.clearCookies()
  await ok(page).click()
  await expect(problem(page)).toContainText('You are signed out')
  await expect(days(page)).toHaveValue('30')
  await context.addCookies(cookies)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expectAnnouncement(page, 'Deletion task submitted: 1 key')
})

test('the page, its errors and its closed states are accessible in every look', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const user = await signInAs()
  const key = await makeKey({ name: `long-${'x'.repeat(200)}` })
  const plan = await planDeletion(user.ctx, world, [key.id, randomUUID()])
  await openPlan(page, world, plan.id)
  await word(page).fill('DELETE')
  await ok(page).click()
  await page.getByText('What deletion does not reach').click()
  await expect(page.getByText('every older backup is gone')).toBeVisible()
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })
  await applyChange(user.ctx, { changeId: plan.id, pendingDays: '7', confirmation: 'DELETE' })
  await openPlan(page, world, plan.id)
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })
})

test.describe('with hundreds of keys', () => {
  test.use({ keyQuota: 200 })

  test('all that match a filter are counted, paged and deleted by the runner', async ({
    page,
    world,
    signInAs,
    makeKey,
  }) => {
    test.slow()
    const user = await signInAs()
    for (let at = 0; at < 130; at += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => makeKey({ name: `bulk-${at + i}` })))
    }
    const { projectId } = world
    const plan = await planChange(user.ctx, {
      projectId,
      operation: 'scheduleDeletion',
      selection: { filter: keyFilter.parse({ projectId, text: ['bulk-'] }) },
    })
    await openPlan(page, world, plan.id)
    await expect(page.getByRole('heading', { name: 'Delete 130 keys' })).toBeVisible()
    await expect(page.getByText('Page 1 of 2')).toBeVisible()
    await days(page).fill('7')
    await page.getByRole('button', { name: 'Next' }).click()
    await expect(page.getByRole('table', { name: 'Keys to delete' }).getByRole('row')).toHaveCount(31)
    await expect(days(page)).toHaveValue('7')
    await word(page).fill('DELETE')
    await ok(page).click()
    await expectAnnouncement(page, 'Deletion task submitted: 130 keys')
    await page.getByRole('link', { name: 'View result' }).click()
    await expect(page.getByText('130 done')).toBeVisible({ timeout: 30_000 })
  })
})
