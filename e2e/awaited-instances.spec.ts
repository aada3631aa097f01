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
/** Its name is as long as they get. */
const elsewhere = 'endpoint at kms-1ef52c81.eu-central-1b.internal.example.com:3001 (process 20617)'

/** An instance that registered and says nothing more: the changer shuts it out and waits for the end of its lease. */
async function silentInstance({ db }: TestWorld): Promise<string> {
  const name = `endpoint at kms-${randomUUID().slice(0, 8)}.eu-central-1b.internal.example.com:3001`
  await inSystemTransaction(db, 'jobs', (sql) =>
    sql.instance.create({ data: { id: randomUUID(), kind: 'endpoint', name } }),
  )
  return name
}

const isRegistered = async ({ db }: TestWorld, name: string): Promise<boolean> =>
  (await inSystemTransaction(db, 'jobs', (sql) => sql.instance.count({ where: { name } }))) > 0

const messages = (page: Page) => page.getByRole('region', { name: 'Messages' })

/**
 * Until it is let go of, the console hears of every change that an instance is awaited: in the answer to OK and in what
 * it reads afterwards. The real wait is nothing to build on. It ends within four seconds, and a silent instance is shut
 * out by whichever change notices it first, be it another test's.
 */
async function holdConfirming(page: Page, awaitedInstances: string[]): Promise<void> {
  await page.route('**/progress?**', async (route) => {
    const response = await route.fetch()
    const change = (await response.json()) as ChangeView
    const held = { status: 'confirming', finishedAt: null, retryable: 0, undo: null, awaitedInstances }
    // Read before OK has arrived, it is under review still.
    await route.fulfill({ response, json: change.status === 'planned' ? change : { ...change, ...held } })
  })
  const isPage = ({ pathname }: URL) => !pathname.startsWith('/_next/')
  await page.route(isPage, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback()
    const response = await route.fetch()
    const answer = await response.text()
    await route.fulfill({
      response,
      body: answer.replaceAll('"status":"done"', '"status":"confirming"'),
    })
  })
}

/** From here on the console hears the truth. */
const letGo = (page: Page) => page.unrouteAll({ behavior: 'wait' })

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
  await holdConfirming(page, [silent])
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await confirmDisabling(page)
  const dialog = page.getByRole('dialog', { name: 'Disable 1 key' })
  const status = dialog.getByRole('status').filter({ hasText: notConfirmed })
  await expect(status).toContainText(`It holds on every instance but ${silent}.`)
  await expect(status).toContainText('holds everywhere')
  await expect(dialog.getByRole('button', { name: 'Undo' })).toHaveCount(0)
  await expect(messages(page).getByText('disabled')).toHaveCount(0)
  await expectAccessible(page)
  await letGo(page)
  await expectAnnouncement(page, '1 key disabled. Holds on every instance.')
  expect(await isRegistered(world, silent)).toBe(false)
  await expect(dialog).toBeHidden()
  await expect(row(page, key).getByText('Disabled', { exact: true })).toBeVisible()
  await expect(messages(page).getByRole('button', { name: 'Undo' })).toBeVisible()
})

test('whoever closes the dialog is told when it holds', async ({ page, world, signInAs, makeKey }) => {
  const key = await makeKey({ name: 'left-alone' })
  await signInAs()
  await openList(page, world)
  await holdConfirming(page, [elsewhere])
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await confirmDisabling(page)
  await expect(page.getByRole('dialog').getByText(notConfirmed)).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expectAnnouncement(page, notConfirmed)
  await letGo(page)
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
  await holdConfirming(page, [elsewhere])
  await row(page, key).getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByLabel('Waiting Period (days)').fill('7')
  await page.getByRole('textbox', { name: /DELETE/ }).fill('DELETE')
  await page.getByRole('button', { name: 'OK', exact: true }).click()
  await expectAnnouncement(page, new RegExp(`^Deletion task submitted: 1 key, .*\\. ${notConfirmed}`))
  await letGo(page)
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
  const { projectId } = world
  const selection = { ids: [keyId] }
  const { id } = await planChange(user.ctx, { projectId, operation: 'disable', selection })
  await applyChange(user.ctx, { changeId: id, understood: true })
  // As if another process were waiting for an instance.
  await inSystemTransaction(world.db, 'jobs', async (sql) => {
    await sql.$executeRaw`UPDATE change SET status = 'confirming', finished_at = NULL, owner_id = gen_random_uuid(),
      lease_until = now() + interval '1 hour' WHERE id = ${id}::uuid`
  })
  await page.goto(`/changes/${id}?project=${projectId}`)
  await expect(page.getByRole('heading', { name: 'Disable 1 key' })).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: notConfirmed })).toContainText(
    'Every instance has to confirm that it knows.',
  )
  await expect(page.getByText('1 saved', { exact: true })).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: 'followed' })).toContainText('Saved')
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0)
  // That process dies, and another takes over.
  await inSystemTransaction(world.db, 'jobs', async (sql) => {
    await sql.$executeRaw`UPDATE change SET lease_until = now() - interval '1 second' WHERE id = ${id}::uuid`
  })
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
  await holdConfirming(page, [elsewhere, 'endpoint at kms-2:3001', 'endpoint at kms-3:3001'])
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

  // Before the routes that hold it: no look in between may read that it is done.
  await page.route('**/progress?**', (route) => route.abort())
  await expect(dialog.getByText('No answer arrived.', { exact: false })).toBeVisible()
  await expect(dialog.getByText('When last heard of, it awaited these:')).toBeVisible()
  await expect(dialog.getByText('Check that the database answers', { exact: false })).toBeVisible()
  await expect(messages(page).getByText('disabled')).toHaveCount(0)
  await look()
  await letGo(page)
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
  await holdConfirming(page, [elsewhere])
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
  await letGo(page)
  await expectAnnouncement(page, '1 key disabled. Holds on every instance.')
})
