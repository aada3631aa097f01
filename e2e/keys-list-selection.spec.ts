import { expect, test } from './fixtures.ts'
import { bulk, change, filterBox, openList, row, tick } from './key-list-steps.ts'
import { expectAnnouncement } from './steps.ts'

const everyRow = 'Select all rows on this page'

test('ticks stay on their keys through sorting, refreshing and paging', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  for (let made = 0; made < 12; made += 1) await makeKey({ name: `key-${String(made).padStart(2, '0')}` })
  await signInAs()
  await openList(page, world, '&page-size=10')
  const last = { name: 'key-11' }
  await tick(page, last).check()
  await expect(bulk(page, 'Disable')).toHaveText('Disable (1)')

  await page.getByRole('link', { name: 'Name/ID' }).click()
  await expect(page).toHaveURL(/sort=name&direction=asc/)
  await expect(page.getByRole('rowgroup').nth(1).getByRole('row').first()).toContainText('key-00')
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(0)
  await expect(page.getByText('1 selected · 1 on other pages')).toBeVisible()
  await page.getByRole('link', { name: 'Page 2' }).click()
  await expect(tick(page, last)).toBeChecked()
  await page.getByRole('button', { name: 'Refresh' }).click()
  await expect(page.getByRole('button', { name: 'Refresh' })).toBeEnabled()
  await expect(tick(page, last)).toBeChecked()

  await bulk(page, 'Disable').click()
  const review = page.getByRole('dialog', { name: 'Disable 1 key' })
  await expect(review.getByRole('row')).toHaveCount(2)
  await expect(review.getByRole('row').nth(1)).toContainText('key-11')
})

test('a whole page, a range, and all that match', async ({ page, world, signInAs, makeKey }) => {
  const keys = []
  for (let made = 0; made < 14; made += 1) {
    keys.push(await makeKey({ name: `key-${String(made).padStart(2, '0')}` }))
  }
  await change(world.ctx, 'disable', keys.slice(0, 3))
  await signInAs()
  await openList(page, world, '&page-size=10&sort=name&direction=asc')
  const all = page.getByRole('checkbox', { name: everyRow })

  await tick(page, { name: 'key-02' }).check()
  await expect(all).toBeChecked({ indeterminate: true })
  await tick(page, { name: 'key-05' }).click({ modifiers: ['Shift'] })
  await expect(page.getByText('4 selected', { exact: true })).toBeVisible()
  await expect(bulk(page, 'Enable')).toHaveText('Enable (1)')
  await expect(bulk(page, 'Disable')).toHaveText('Disable (3)')
  await expect(bulk(page, 'Disable')).toHaveAccessibleDescription('1 cannot: already Disabled')
  await expect(bulk(page, 'Cancel Deletion')).toBeDisabled()
  await expect(bulk(page, 'Cancel Deletion')).toHaveAccessibleDescription('4 cannot: not pending deletion')

  await all.check()
  await expect(page.getByText('10 selected', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Select all 14 that match' }).click()
  await expect(page.getByText('All 14 matching keys selected')).toBeVisible()
  await expect(bulk(page, 'Disable')).toHaveText('Disable (11)')
  await expect(bulk(page, 'Delete')).toHaveText('Delete (14)')
  await page.getByRole('link', { name: 'Page 2' }).click()
  await expect(tick(page, { name: 'key-13' })).toBeChecked()

  await bulk(page, 'Disable').click()
  await expect(page.getByRole('dialog', { name: 'Disable 11 keys' }).getByRole('row')).toHaveCount(15)
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.getByRole('button', { name: 'Clear selection' }).click()
  await expect(bulk(page, 'Disable')).toHaveText('Disable')
  await expect(bulk(page, 'Disable')).toHaveAccessibleDescription('Select keys first')
})

test('another filter takes the ticks away and says so', async ({ page, world, signInAs, makeKey }) => {
  const key = await makeKey({ name: 'ticked' })
  await makeKey({ name: 'other' })
  await signInAs()
  await openList(page, world)
  await tick(page, key).check()
  await filterBox(page).fill('tick')
  await page.keyboard.press('Enter')
  await expectAnnouncement(page, 'The selection of 1 key was cleared')
  await expect(tick(page, key)).not.toBeChecked()
  await expect(row(page, { name: 'other' })).toBeHidden()
  await page.goBack()
  await expect(row(page, { name: 'other' })).toBeVisible()
  await expect(tick(page, key)).not.toBeChecked()
})

test('the list is one Tab stop; arrows and Space tick and press', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  await makeKey({ name: 'lower' })
  const upper = await makeKey({ name: 'upper' })
  await signInAs()
  await openList(page, world)
  await expect(page.getByRole('checkbox', { name: everyRow })).toBeEnabled()
  await page.getByRole('checkbox', { name: everyRow }).focus()
  await page.keyboard.press('ArrowDown')
  await expect(tick(page, upper)).toBeFocused()
  await page.keyboard.press('Space')
  await expect(tick(page, upper)).toBeChecked()
  await page.keyboard.press('ArrowDown')
  await expect(tick(page, { name: 'lower' })).toBeFocused()
  await page.keyboard.press('End')
  await expect(
    row(page, { name: 'lower' }).getByRole('button', { name: 'Delete', exact: true }),
  ).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Disable 1 key' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(
    row(page, { name: 'lower' }).getByRole('button', { name: 'Disable', exact: true }),
  ).toBeFocused()
})
