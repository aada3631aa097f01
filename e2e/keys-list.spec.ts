import { createDefaultKey } from '#lib/kms/keys/create-default-key.ts'
import { expect, test } from './fixtures.ts'
import { change, filterBox, openList, row, tick, toolbar } from './key-list-steps.ts'
import { expectAccessible, expectNoSideScroll, inEveryLook } from './steps.ts'

test('shows every key with its state, what comes next, and only what its state allows', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const enabled = await makeKey({ name: 'enabled-key' })
  const disabled = await makeKey({ name: 'disabled-key', spec: 'RSA_3072', usage: 'SIGN_VERIFY' })
  const dying = await makeKey({ name: 'dying-key' })
  const waiting = await makeKey({ name: 'waiting-key', origin: 'external' })
  await change(world.ctx, 'disable', [disabled])
  await change(world.ctx, 'scheduleDeletion', [dying])
  await signInAs()
  await openList(page, world)

  const words = (key: { name: string }) =>
    row(page, key)
      .getByRole('button', { name: /^(?!Copy)/ })
      .allInnerTexts()
  await expect(row(page, enabled).getByText('Enabled', { exact: true })).toBeVisible()
  expect(await words(enabled)).toEqual(['Disable', 'Delete'])
  await expect(row(page, disabled).getByText('Disabled', { exact: true })).toBeVisible()
  await expect(row(page, disabled)).toContainText('RSA_3072')
  expect(await words(disabled)).toEqual(['Enable', 'Delete'])
  await expect(row(page, dying)).toContainText(/Pending deletion\d{4}\/\d\d\/\d\d · 6 days left/)
  expect(await words(dying)).toEqual(['Cancel Deletion'])
  await expect(row(page, waiting)).toContainText(
    'Pending importImport key material: POST …/import-key-material',
  )
  await expect(row(page, waiting)).toContainText('External')
  expect(await words(waiting)).toEqual(['Delete'])
  await expect(
    row(page, enabled).getByRole('button', { name: 'Disable', exact: true }),
  ).toHaveAccessibleDescription('enabled-key')
  await expect(page.getByText('4 of 100 custom keys · 96 more can be created')).toBeVisible()
  await expect(page.getByText('Showing 1–4 of 4 keys')).toBeVisible()

  await inEveryLook(page, async () => {
    await expectNoSideScroll(page)
    await expectAccessible(page)
  })
})

test('fits at least 16 comfortable and 21 compact rows on a screen, the first at 200 or above', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  for (let made = 0; made < 30; made += 1) await makeKey()
  await signInAs()
  await openList(page, world, '&page-size=50')
  const bodyRows = page.getByRole('rowgroup').nth(1).getByRole('row')
  const footer = page.getByText('Showing 1–30 of 30 keys')
  await expect(footer).toBeVisible()
  const whole = async () => {
    const edge = (await footer.boundingBox())?.y ?? 0
    const boxes = await Promise.all((await bodyRows.all()).map((line) => line.boundingBox()))
    expect(boxes[0]?.y).toBeLessThanOrEqual(200)
    return boxes.filter((box) => box && box.y + box.height <= edge).length
  }
  expect(await whole()).toBeGreaterThanOrEqual(16)
  expect((await bodyRows.first().boundingBox())?.height).toBe(40)
  await page.getByRole('radio', { name: 'Compact' }).check()
  await expect.poll(async () => (await bodyRows.first().boundingBox())?.height).toBe(32)
  expect(await whole()).toBeGreaterThanOrEqual(21)
  await page.reload()
  await expect.poll(async () => (await bodyRows.first().boundingBox())?.height).toBe(32)
})

test('an empty project, a filter without a match and a role without a right look different', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  await signInAs(['KMS CMKReadOnlyAccess'])
  await openList(page, world)
  await expect(page.getByText('No keys in this project yet')).toBeVisible()
  const create = page.getByRole('button', { name: 'Create Key' })
  await expect(create).toBeDisabled()
  await expect(create).toHaveAccessibleDescription('You do not have permission to do this.')
  await inEveryLook(page, () => expectAccessible(page))

  const key = await makeKey()
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'Refresh' }).click()
  const disable = row(page, key).getByRole('button', { name: 'Disable', exact: true })
  await expect(disable).toBeDisabled()
  await expect(disable).toHaveAccessibleDescription(/You do not have permission to do this\./)
  await tick(page, key).check()
  await expect(toolbar(page).getByRole('button', { name: 'Disable' })).toHaveAccessibleDescription(
    '1 cannot: you do not have permission to do this',
  )

  await filterBox(page).fill('nothing like this')
  await page.keyboard.press('Enter')
  await expect(page.getByText('No key matches this filter')).toBeVisible()
  await inEveryLook(page, () => expectAccessible(page))
  await page.getByRole('button', { name: 'Clear filter' }).click()
  await expect(row(page, key)).toBeVisible()

  await page.context().clearCookies()
  await signInAs([])
  await openList(page, world)
  await expect(page.getByText('You may not see the keys of this project')).toBeVisible()
  await expectAccessible(page)
})

test('default keys are shown apart, with nothing to be done to them', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  await makeKey({ name: 'custom' })
  await createDefaultKey(world.ctx, { projectId: world.projectId, service: 'obs' })
  await signInAs()
  await openList(page, world)
  await expect(page.getByText('obs/default')).toBeHidden()
  await page.getByRole('tab', { name: 'Default Keys' }).click()
  const line = row(page, { name: 'obs/default' })
  await expect(line).toContainText('Managed by Keystead')
  await expect(line.getByRole('button')).toHaveText([''])
  await expect(page.getByRole('checkbox')).toHaveCount(0)
  await expect(toolbar(page)).toHaveCount(0)
  await inEveryLook(page, () => expectAccessible(page))
})

for (const query of [
  '&page=10000',
  '&page=-1&page-size=7&sort=revision&direction=up',
  '&status=frozen&algorithm=DES&usage=x&origin=y',
  '&created-from=2026-02-31&created-to=tomorrow',
  '&tag=%25E0%25A4%25A&q=%00&name=%F0%9F%98%80%ED%A0%80',
]) {
  test(`an address that does not parse falls back: ${query}`, async ({ page, world, signInAs, makeKey }) => {
    const key = await makeKey({ name: 'still-here' })
    await signInAs()
    await openList(page, world, query)
    await expect(row(page, key).or(page.getByText('No key matches this filter'))).toBeVisible()
  })
}

test.describe('with many keys', () => {
  test.use({ keyQuota: 300 })

  test('the page holds no more than one page of keys', async ({ page, world, signInAs, makeKey }) => {
    for (let made = 0; made < 120; made += 1) await makeKey({ name: `one-of-many-${made}` })
    await signInAs()
    const response = await page.goto(`/keys?project=${world.projectId}&page-size=20`)
    const html = (await response?.text()) ?? ''
    expect(new Set(html.match(/one-of-many-\d+/g)).size).toBe(20)
    expect(html.length).toBeLessThan(400_000)
    await page.getByRole('link', { name: 'Page 6' }).click()
    await expect(page.getByText('Showing 101–120 of 120 keys')).toBeVisible()
    await page.getByLabel('Rows per page').selectOption('100')
    await expect(page.getByText('Showing 1–100 of 120 keys')).toBeVisible()
    await expect(page.getByRole('rowgroup').nth(1).getByRole('row')).toHaveCount(100)
  })
})
