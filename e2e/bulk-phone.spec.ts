import { expect, test } from './fixtures.ts'
import { bulk, confirmDisabling, openList, row, tick } from './key-list-steps.ts'
import { expectAccessible, expectAnnouncement, expectNoSideScroll } from './steps.ts'

test.use({ viewport: { width: 360, height: 740 }, hasTouch: true })

test('on a phone keys are ticked, disabled and enabled again by touch', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const first = await makeKey({ name: 'a-key-with-a-name-that-is-longer-than-a-phone-is-wide' })
  const second = await makeKey({ name: 'short' })
  await signInAs()
  await openList(page, world)
  await expectNoSideScroll(page)
  await tick(page, first).tap()
  await tick(page, second).tap()
  await expect(page.getByText('2 selected', { exact: true })).toBeVisible()
  await expect(bulk(page, 'Disable')).toHaveText('Disable (2)')
  await expectNoSideScroll(page)
  await expectAccessible(page)
  await bulk(page, 'Disable').tap()
  await confirmDisabling(page)
  await expectAnnouncement(page, '2 keys disabled.')
  await row(page, second).getByRole('button', { name: 'Enable', exact: true }).tap()
  const dialog = page.getByRole('dialog', { name: 'Enable 1 key' })
  await expect(dialog.getByRole('table')).toBeVisible()
  await expectNoSideScroll(page)
  await dialog.getByRole('button', { name: 'OK', exact: true }).tap()
  await expect(row(page, second).getByText('Enabled', { exact: true })).toBeVisible()
})
