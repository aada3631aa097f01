import { expect, test } from './fixtures.ts'
import {
  bulk,
  change,
  confirmDisabling,
  filterBox,
  ok,
  openList,
  row,
  tick,
  understanding,
} from './key-list-steps.ts'
import { expectAccessible, expectAnnouncement, expectNoSideScroll, inEveryLook } from './steps.ts'

test('several keys are disabled after a review, once, and the way back is offered', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const keys = [
    await makeKey({ name: 'one' }),
    await makeKey({ name: 'two' }),
    await makeKey({ name: 'off' }),
  ]
  const [one, two, off] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]]
  await change(world.ctx, 'disable', [off])
  await signInAs()
  await openList(page, world)
  for (const key of keys) await tick(page, key).check()
  await expect(bulk(page, 'Disable')).toHaveText('Disable (2)')
  await bulk(page, 'Disable').click()

  const review = page.getByRole('dialog', { name: 'Disable 2 keys' })
  await expect(review.getByText('2 keys will be disabled, 1 will be skipped.')).toBeVisible()
  await expect(review.getByRole('row').filter({ hasText: 'one' })).toContainText('Enabled becomes Disabled')
  await expect(review.getByRole('row').filter({ hasText: 'off' })).toContainText(
    'Will be skipped. Already Disabled',
  )
  await expect(ok(page)).toBeDisabled()
  await expect(ok(page)).toHaveAccessibleDescription('Tick the box above first')
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })

  await review.getByRole('checkbox', { name: understanding }).check()
  await ok(page).dblclick()
  await expect(review).toBeHidden()
  await expectAnnouncement(page, '2 keys disabled, 1 skipped.')
  await expect(page.getByRole('region', { name: 'Messages' }).getByText('disabled')).toHaveCount(1)
  for (const key of [one, two])
    await expect(row(page, key).getByText('Disabled', { exact: true })).toBeVisible()
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(0)

  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByRole('dialog', { name: 'Enable 2 keys' }).getByRole('table')).toBeVisible()
  await ok(page).click()
  await expectAnnouncement(page, '2 keys enabled.')
  await expect(row(page, one).getByText('Enabled', { exact: true })).toBeVisible()
  await expect(row(page, off).getByText('Disabled', { exact: true })).toBeVisible()
})

test('what another administrator changed meanwhile fails alone, stays ticked and can be tried again', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const calm = await makeKey({ name: 'calm' })
  const moved = await makeKey({ name: 'moved' })
  await signInAs()
  await openList(page, world)
  await tick(page, calm).check()
  await tick(page, moved).check()
  await bulk(page, 'Disable').click()
  await expect(page.getByRole('dialog').getByRole('table')).toBeVisible()
  await change(world.ctx, 'disable', [moved])
  await change(world.ctx, 'enable', [moved])
  await confirmDisabling(page)

  const result = page.getByRole('dialog')
  await expect(result.getByRole('alert')).toHaveText(/^1 key disabled, 1 changed since the review\./)
  await expect(result.getByRole('row').filter({ hasText: 'calm' })).toContainText('Done')
  await expect(result.getByRole('row').filter({ hasText: 'moved' })).toContainText('Changed since')
  await expect(page.getByRole('region', { name: 'Messages' }).getByText('disabled')).toHaveCount(0)
  await inEveryLook(page, () => expectAccessible(page))
  await page.setViewportSize({ width: 1440, height: 900 })

  await result.getByRole('button', { name: 'Close', exact: true }).last().click()
  await expect(tick(page, calm)).not.toBeChecked()
  await expect(tick(page, moved)).toBeChecked()
  await expect(row(page, calm).getByText('Disabled', { exact: true })).toBeVisible()

  await bulk(page, 'Disable').click()
  await confirmDisabling(page)
  await expectAnnouncement(page, '1 key disabled.')
  await page.getByRole('link', { name: 'View result' }).click()
  await expect(page).toHaveURL(/\/changes\//)
  await expect(page.getByText('moved', { exact: true })).toBeVisible()
})

test('a failed key is tried again from its result', async ({ page, world, signInAs, makeKey }) => {
  const key = await makeKey({ name: 'moved' })
  await signInAs()
  await openList(page, world)
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  await expect(page.getByRole('dialog').getByRole('table')).toBeVisible()
  await change(world.ctx, 'disable', [key])
  await change(world.ctx, 'enable', [key])
  await confirmDisabling(page)
  await page.getByRole('button', { name: 'Retry failed' }).click()
  await expect(
    page.getByRole('dialog', { name: 'Disable 1 key' }).getByText('1 key will be disabled.'),
  ).toBeVisible()
  await confirmDisabling(page)
  await expectAnnouncement(page, '1 key disabled.')
  await expect(row(page, key).getByText('Disabled', { exact: true })).toBeVisible()
})

test('the buttons of a row lead through the whole life of a key, and the focus stays in its row', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'lively' })
  await makeKey({ name: 'bystander' })
  await signInAs()
  await openList(page, world, '&q=lively')
  const press = (word: string) => row(page, key).getByRole('button', { name: word, exact: true }).click()

  await press('Disable')
  await confirmDisabling(page)
  await expect(row(page, key).getByText('Disabled', { exact: true })).toBeVisible()
  await expect(row(page, key).getByRole('button', { name: 'Enable', exact: true })).toBeFocused()

  await press('Enable')
  await ok(page).click()
  await expect(row(page, key).getByText('Enabled', { exact: true })).toBeVisible()

  await press('Delete')
  await expect(page).toHaveURL(/\/keys\/delete\//)
  await page.getByLabel('Waiting Period (days)').fill('30')
  await page.getByRole('textbox', { name: /DELETE/ }).fill('DELETE')
  await page.getByRole('button', { name: 'OK', exact: true }).click()
  await expect(page).toHaveURL(/\/keys\?.*q=lively/)
  await expect(row(page, key)).toContainText('29 days left')

  await press('Cancel Deletion')
  await expect(page.getByRole('dialog', { name: 'Cancel Deletion of 1 key' })).toContainText(
    'Pending deletion becomes Disabled',
  )
  await ok(page).click()
  await expect(row(page, key).getByText('Disabled', { exact: true })).toBeVisible()
})

test('a stale row says what has happened instead of doing it again', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'stale' })
  await signInAs()
  await openList(page, world)
  await change(world.ctx, 'disable', [key])
  await row(page, key).getByRole('button', { name: 'Disable', exact: true }).click()
  const review = page.getByRole('dialog', { name: 'Disable 0 keys' })
  await expect(review).toContainText('Will be skipped. Already Disabled')
  await review.getByRole('checkbox', { name: understanding }).check()
  await expect(ok(page)).toHaveAccessibleDescription('None of these keys can be changed')
})

test('a deletion of ticked keys leads back to the same list with nothing ticked', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const keys = [await makeKey({ name: 'gone-1' }), await makeKey({ name: 'gone-2' })]
  await signInAs()
  await openList(page, world)
  await filterBox(page).fill('gone')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/q=gone/)
  for (const key of keys) await tick(page, key).check()
  await bulk(page, 'Delete').click()
  await page.getByLabel('Waiting Period (days)').fill('7')
  await page.getByRole('textbox', { name: /DELETE/ }).fill('DELETE')
  await page.getByRole('button', { name: 'OK', exact: true }).click()
  await expect(page).toHaveURL(/\/keys\?.*q=gone/)
  for (const key of keys) await expect(row(page, key)).toContainText('Pending deletion')
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(0)
})

test.describe('with more keys than one request applies', () => {
  test.use({ keyQuota: 200 })

  test('all that match are disabled, with progress, and the list is read again', async ({
    page,
    world,
    signInAs,
    makeKey,
  }) => {
    for (let made = 0; made < 105; made += 1) await makeKey()
    await signInAs()
    await openList(page, world)
    await page.getByRole('checkbox', { name: 'Select all rows on this page' }).check()
    await page.getByRole('button', { name: 'Select all 105 that match' }).click()
    await expect(bulk(page, 'Disable')).toHaveText('Disable (105)')
    await bulk(page, 'Disable').click()
    const review = page.getByRole('dialog', { name: 'Disable 105 keys' })
    await expect(review.getByText('Page 1 of 2')).toBeVisible()
    await review.getByRole('button', { name: 'Next' }).click()
    await expect(review.getByRole('row')).toHaveCount(6)

    // Held half-way, as the reading of a slower change would say it
    const halfWay = Promise.withResolvers<void>()
    await page.route('**/progress?**', async (route) => {
      const response = await route.fetch()
      const change = await response.json()
      const held = { ...change, status: 'applying', counts: { ...change.counts, done: 42, pending: 63 } }
      await route.fulfill({ response, json: held })
      halfWay.resolve()
    })
    await confirmDisabling(page)
    await halfWay.promise
    await expect(review.getByRole('progressbar', { name: 'Applying the change' })).toHaveAttribute(
      'value',
      '42',
    )
    await expect(review.getByRole('button', { name: 'Stop' })).toBeEnabled()
    await inEveryLook(page, () => expectAccessible(page))
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.unrouteAll({ behavior: 'wait' })

    await expectAnnouncement(page, '105 keys disabled.')
    await expect(page.getByRole('grid').getByText('Disabled', { exact: true })).toHaveCount(20)
    await expect(bulk(page, 'Enable')).toHaveText('Enable')
  })
})
