import { randomUUID } from 'node:crypto'
import type { Page } from '@playwright/test'
import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import type { TestWorld } from '#lib/kms/testing/test-world.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { expect, test } from './fixtures.ts'
import { confirmDisabling, openList, row } from './key-list-steps.ts'
import { expectAccessible, expectAnnouncement, expectNoSideScroll, inEveryLook } from './steps.ts'

const notConfirmed = 'Saved, not yet confirmed on every instance.'

/** An instance that registered and says nothing more: the changer shuts it out and waits for the end of its lease. */
async function silentInstance({ db }: TestWorld): Promise<string> {
  const name = `endpoint at kms-${randomUUID().slice(0, 8)}.eu-central-1b.internal.example.com:3001`
  await inSystemTransaction(db, 'jobs', (sql) =>
    sql.instance.create({ data: { id: randomUUID(), kind: 'endpoint', name } }),
  )
  return name
}

const messages = (page: Page) => page.getByRole('region', { name: 'Messages' })

/** What is read of a change while the instances are awaited, for as long as the page is looked at. */
async function holdConfirming(page: Page, awaitedInstances: string[]): Promise<void> {
  await page.route('**/progress?**', async (route) => {
    const response = await route.fetch()
    const change = (await response.json()) as ChangeView
    const held = { status: 'confirming', finishedAt: null, retryable: 0, undo: null, awaitedInstances }
    await route.fulfill({ response, json: { ...change, ...held } })
  })
}

test('a silent instance is named until it is shut out and its lease is over; only then it is a success', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'guarded' })
  await signInAs()
  await openList(page, world)
  const silent = await silentInstance(world)
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await confirmDisabling(page)
  const dialog = page.getByRole('dialog', { name: 'Disable 1 key' })
  const status = dialog.getByRole('status').filter({ hasText: notConfirmed })
  await expect(status).toContainText(`It holds on every instance but ${silent}.`)
  await expect(status).toContainText('holds everywhere')
  await expect(dialog.getByRole('button', { name: 'Undo' })).toHaveCount(0)
  await expect(messages(page).getByText('disabled')).toHaveCount(0)
  await expectAccessible(page)
  await expectAnnouncement(page, '1 key disabled. Holds on every instance.')
  await expect(dialog).toBeHidden()
  await expect(row(page, key).getByText('Disabled', { exact: true })).toBeVisible()
  await expect(messages(page).getByRole('button', { name: 'Undo' })).toBeVisible()
})

test('whoever closes the dialog is told when it holds', async ({ page, world, signInAs, makeKey }) => {
  const key = await makeKey({ name: 'left-alone' })
  await signInAs()
  await openList(page, world)
  await silentInstance(world)
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await confirmDisabling(page)
  await expect(page.getByRole('dialog').getByText(notConfirmed)).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expectAnnouncement(page, notConfirmed)
  await expectAnnouncement(page, '1 key disabled. Holds on every instance.')
  await expect(messages(page).getByText(notConfirmed)).toBeHidden()
})

test('a deletion is submitted at once, and said to hold when it does', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'doomed' })
  await signInAs()
  await openList(page, world)
  await silentInstance(world)
  await row(page, key).getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByLabel('Waiting Period (days)').fill('7')
  await page.getByRole('textbox', { name: /DELETE/ }).fill('DELETE')
  await page.getByRole('button', { name: 'OK', exact: true }).click()
  await expectAnnouncement(page, new RegExp(`^Deletion task submitted: 1 key, .*\\. ${notConfirmed}`))
  await expectAnnouncement(page, /^Deletion task submitted: 1 key, .*\. Holds on every instance\./)
  await expect(messages(page).getByText(notConfirmed)).toBeHidden()
})

test('the result says saved, then done, and only then offers the way back', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const user = await signInAs()
  const { id: keyId } = await makeKey({ name: 'followed' })
  await makeKey({ name: 'warm-up' })
  const { projectId } = world
  const selection = { ids: [keyId] }
  const { id } = await planChange(user.ctx, { projectId, operation: 'disable', selection })
  // Read once, so that the page is there before the wait is over
  await page.goto(`/changes/${id}?project=${projectId}`)
  await expect(page.getByRole('heading', { name: 'Disable 1 key' })).toBeVisible()
  const silent = await silentInstance(world)
  await applyChange(user.ctx, { changeId: id, understood: true })
  await page.reload()
  await expect(page.getByRole('status').filter({ hasText: notConfirmed })).toContainText(silent)
  await expect(page.getByText('1 saved', { exact: true })).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: 'followed' })).toContainText('Saved')
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0)
  await expect(page.getByText('1 done', { exact: true })).toBeVisible()
  await expect(page.getByText('Holds on every instance.', { exact: true })).toBeVisible()
  await expect(page.getByText(notConfirmed)).toBeHidden()
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
})

test('several awaited instances, and an answer that does not come, read well in every look', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'watched' })
  await signInAs()
  await openList(page, world)
  const silent = await silentInstance(world)
  await holdConfirming(page, [silent, 'endpoint at kms-2:3001', 'endpoint at kms-3:3001'])
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await confirmDisabling(page)
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('list', { name: 'Awaited instances' }).getByRole('listitem')).toHaveCount(3)
  const look = () =>
    inEveryLook(page, async () => {
      await expectAccessible(page)
      await expectNoSideScroll(page)
    })
  await look()

  await page.unrouteAll({ behavior: 'wait' })
  await page.route('**/progress?**', (route) => route.abort())
  await expect(dialog.getByText('No answer arrived.', { exact: false })).toBeVisible()
  await expect(dialog.getByText('When last heard of, it awaited these:')).toBeVisible()
  await expect(dialog.getByText('Check that the database answers', { exact: false })).toBeVisible()
  await expect(messages(page).getByText('disabled')).toHaveCount(0)
  await look()
  await page.unrouteAll({ behavior: 'wait' })
  await expectAnnouncement(page, '1 key disabled. Holds on every instance.')
})

test('a confirmation that takes too long says what to do, in the dialog and in the corner', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'patient' })
  await signInAs()
  await openList(page, world)
  const silent = await silentInstance(world)
  await holdConfirming(page, [silent])
  await page.clock.install()
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await confirmDisabling(page)
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('holds everywhere', { exact: false })).toBeVisible()
  await page.clock.fastForward(16_000)
  await expect(dialog.getByText('This takes longer than it should.', { exact: false })).toBeVisible()
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
  await expectAnnouncement(page, notConfirmed)
  await page.clock.fastForward(16_000)
  // A warning stays until it is closed or has become untrue
  await page.clock.fastForward(16_000)
  await expectAnnouncement(page, notConfirmed)
  await page.unrouteAll({ behavior: 'wait' })
  await expectAnnouncement(page, '1 key disabled. Holds on every instance.')
})
