import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { applyChange } from '#lib/kms/changes/apply-change.ts'
import { planChange } from '#lib/kms/changes/plan-change.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { listKeys } from '#lib/kms/keys/list-keys.ts'
import { keyFilter, keyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { KeyOperation } from '#lib/kms/model/key-state.ts'
import type { TestWorld } from '#lib/kms/testing/test-world.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { expect, test } from './fixtures.ts'
import { expectAccessible, expectAnnouncement, expectNoSideScroll, inEveryLook } from './steps.ts'

const ok = (page: Page) => page.getByRole('button', { name: 'OK', exact: true })
const confirmed = { understood: true, pendingDays: '7', confirmation: 'DELETE' }

function plan(ctx: KmsContext, { projectId }: TestWorld, operation: KeyOperation, ids: string[]) {
  return planChange(ctx, { projectId, operation, selection: { ids } })
}

/** Disables one key of three: one is skipped, one was changed by somebody after the review. */
async function mixedResult(ctx: KmsContext, world: TestWorld): Promise<string> {
  const [done, changed, skipped] = [
    await world.makeKey({ name: 'done' }),
    await world.makeKey({ name: 'changed' }),
    await world.makeKey({ name: 'skipped', origin: 'external' }),
  ]
  const mixed = await plan(ctx, world, 'disable', [done.id, changed.id, skipped.id, '=1+1'])
  for (const operation of ['disable', 'enable'] as const) {
    const other = await plan(world.ctx, world, operation, [changed.id])
    await applyChange(world.ctx, { changeId: other.id, ...confirmed })
  }
  await applyChange(ctx, { changeId: mixed.id, ...confirmed })
  return mixed.id
}

async function openChange(page: Page, { projectId }: TestWorld, changeId: string) {
  await page.goto(`/changes/${changeId}?project=${projectId}`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
}

async function stateOf({ ctx, projectId }: TestWorld, name: string) {
  const { keys } = await listKeys(ctx, keyListInput.parse({ projectId, name: [name] }))
  return keys[0]?.state
}

test('a result tells what became of each key, survives a reload, and narrows to one outcome', async ({
  page,
  world,
  signInAs,
}) => {
  const user = await signInAs()
  await openChange(page, world, await mixedResult(user.ctx, world))
  await expect(page.getByRole('heading', { name: 'Disable 2 keys' })).toBeVisible()
  await expect(page.getByText('1 done · 1 changed since review · 2 skipped')).toBeVisible()
  await page.reload()
  const row = (text: string) => page.getByRole('row').filter({ hasText: text })
  await expect(row('done')).toContainText('Enabled')
  await expect(row('done')).toContainText('Disabled')
  await expect(row('changed').first()).toContainText('Changed since you reviewed it.')
  await page
    .getByRole('navigation', { name: 'Results' })
    .getByRole('link', { name: /^Skipped/ })
    .click()
  await expect(page.getByRole('row')).toHaveCount(3)
  await expect(page).toHaveURL(/outcome=skipped/)
})

test('what failed is reviewed once more and done', async ({ page, world, signInAs }) => {
  const user = await signInAs()
  await openChange(page, world, await mixedResult(user.ctx, world))
  await page.getByRole('button', { name: 'Retry failed' }).click()
  await expect(page.getByRole('heading', { name: 'Disable 1 key' })).toBeVisible()
  await expect(ok(page)).toHaveAccessibleDescription('Tick the box above first')
  await page.getByLabel('I understand the impact of disabling keys').check()
  await ok(page).click()
  await expectAnnouncement(page, '1 key disabled')
  await expect(page.getByText('1 done', { exact: true })).toBeVisible()
  expect(await stateOf(world, 'changed')).toBe('3')
  await page.getByRole('link', { name: 'Earlier change' }).click()
  await expect(page.getByRole('heading', { name: 'Disable 2 keys' })).toBeVisible()
})

test('undo of a deletion says that the key will be Disabled, and does it after OK', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const user = await signInAs()
  const key = await makeKey({ name: 'rescued' })
  const deletion = await plan(user.ctx, world, 'scheduleDeletion', [key.id])
  await applyChange(user.ctx, { changeId: deletion.id, ...confirmed })
  await openChange(page, world, deletion.id)
  await expect(page.getByText('7 days')).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('heading', { name: 'Cancel Deletion of 1 key' })).toBeVisible()
  await expect(page.getByText(/They come back Disabled/)).toBeVisible()
  expect(await stateOf(world, 'rescued')).toBe('4')
  await ok(page).click()
  await expect(page.getByText('1 done', { exact: true })).toBeVisible()
  expect(await stateOf(world, 'rescued')).toBe('3')
})

test('a result leaves as CSV that no spreadsheet runs', async ({ page, world, signInAs }) => {
  const user = await signInAs()
  await openChange(page, world, await mixedResult(user.ctx, world))
  await expect(page.getByText('1 done · 1 changed since review · 2 skipped')).toBeVisible()
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export' }).click()
  const text = await readFile(await (await download).path(), 'utf8')
  const lines = text.replace('\uFEFF', '').trimEnd().split('\r\n')
  expect(lines).toHaveLength(5)
  expect(lines[0]).toBe('Name,ID,Operation,Result,Reason,State before,State after,Request ID')
  expect(lines[1]).toMatch(/^done,[0-9a-f-]{36},Disable,Done,,Enabled,Disabled,/)
  expect(lines[4]).toMatch(/^,'=1\+1,Disable,Skipped,No such key\./)
})

test('another’s change can be read, not continued', async ({ page, world, signInAs, makeUser, makeKey }) => {
  await signInAs()
  const stranger = await makeUser()
  const id = await mixedResult(stranger.ctx, world)
  await openChange(page, world, id)
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveAccessibleDescription(/Only Someone/)
  await expect(page.getByRole('button', { name: 'Retry failed' })).toHaveAccessibleDescription(/Only Someone/)
  const key = await makeKey({ name: 'theirs' })
  const planned = await plan(stranger.ctx, world, 'enable', [key.id])
  await openChange(page, world, planned.id)
  await expect(page.getByText('Someone planned this change and alone can apply it.')).toBeVisible()
  await expect(ok(page)).toHaveAccessibleDescription(/Only Someone/)
})

test('the rest of a running change can be stopped, and tried again', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const user = await signInAs()
  const key = await makeKey({ name: 'not-reached' })
  const { id } = await plan(user.ctx, world, 'disable', [key.id])
  // As if another process were at work on it and had not reached the key yet.
  await inSystemTransaction(world.db, 'jobs', async (sql) => {
    await sql.$executeRaw`UPDATE change SET status = 'applying', applied_at = now(), owner_id = gen_random_uuid(),
      lease_until = now() + interval '1 hour' WHERE id = ${id}::uuid`
  })
  await openChange(page, world, id)
  await expect(page.getByRole('progressbar')).toBeVisible()
  await expect(page.getByText('1 waiting')).toBeVisible()
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })
  await page.getByRole('button', { name: 'Stop the rest' }).click()
  const asked = () =>
    inSystemTransaction(world.db, 'jobs', (sql) => sql.change.count({ where: { id, stopRequested: true } }))
  await expect.poll(asked).toBe(1)
  await inSystemTransaction(world.db, 'jobs', async (sql) => {
    await sql.$executeRaw`UPDATE change SET lease_until = now() - interval '1 second' WHERE id = ${id}::uuid`
  })
  await expect(page.getByText('1 not reached')).toBeVisible({ timeout: 20_000 })
  expect(await stateOf(world, 'not-reached')).toBe('2')
  await page.getByRole('button', { name: 'Retry the rest' }).click()
  await page.getByLabel('I understand the impact of disabling keys').check()
  await ok(page).click()
  await expect(page.getByText('1 done', { exact: true })).toBeVisible()
})

test('an expired review can be made again; an unknown change is not found', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const user = await signInAs()
  const key = await makeKey({ name: 'waiting' })
  const hourAgo = { ...user.ctx, now: (clock: Date) => new Date(clock.getTime() - 3_600_000) }
  await openChange(page, world, (await plan(hourAgo, world, 'disable', [key.id])).id)
  await expect(page.getByText(/has expired\. Nothing was changed\./)).toBeVisible()
  await page.getByRole('button', { name: 'Review again' }).click()
  await page.getByLabel('I understand the impact of disabling keys').check()
  await ok(page).click()
  await expect(page.getByText('1 done', { exact: true })).toBeVisible()
  for (const id of [randomUUID(), 'not-a-uuid']) {
    await page.goto(`/changes/${id}?project=${world.projectId}`)
    await expect(page.getByRole('heading', { name: /not found/i })).toBeVisible()
  }
})

test('reviews and results are accessible in every look', async ({ page, world, signInAs, makeKey }) => {
  const user = await signInAs()
  await openChange(page, world, await mixedResult(user.ctx, world))
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })
  const long = await makeKey({ name: `long-${'x'.repeat(200)}` })
  await openChange(page, world, (await plan(user.ctx, world, 'disable', [long.id])).id)
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })
})

test.describe('a change of hundreds of keys', () => {
  test.use({ keyQuota: 300 })

  test('is followed to its end, in a second tab too, and its pages are addresses', async ({
    page,
    world,
    signInAs,
    makeKey,
    context,
  }) => {
    test.slow()
    const user = await signInAs()
    for (let at = 0; at < 250; at += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => makeKey({ name: `bulk-${at + i}` })))
    }
    const { projectId } = world
    const { id } = await planChange(user.ctx, {
      projectId,
      operation: 'disable',
      selection: { filter: keyFilter.parse({ projectId, text: ['bulk-'] }) },
    })
    await openChange(page, world, id)
    await page.getByLabel('I understand the impact of disabling keys').check()
    await ok(page).click()
    const other = await context.newPage()
    await openChange(other, world, id)
    for (const tab of [page, other]) {
      await expect(tab.getByText('250 done', { exact: true })).toBeVisible({ timeout: 30_000 })
      await expect(tab.getByRole('progressbar')).toBeHidden()
    }
    await page.getByRole('link', { name: 'Page 3' }).click()
    await expect(page.getByRole('row')).toHaveCount(51)
    await expect(page).toHaveURL(/page=3/)
  })
})
