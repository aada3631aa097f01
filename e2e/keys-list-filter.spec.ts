import { createEnterpriseProject } from '#lib/kms/enterprise-projects/create-enterprise-project.ts'
import { expect, test } from './fixtures.ts'
import { change, filterBox, openList, row } from './key-list-steps.ts'
import { expectAccessible, expectNoSideScroll, inEveryLook } from './steps.ts'

test('narrows the list by each property, as chips that stand in the address', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const payments = await createEnterpriseProject(world.ctx, { name: 'payments' })
  const plain = await makeKey({ name: 'a_b' })
  const other = await makeKey({ name: 'axb', spec: 'RSA_2048', usage: 'SIGN_VERIFY' })
  const tagged = await makeKey({
    name: 'tagged',
    origin: 'external',
    enterpriseProjectId: payments.id,
    tags: [{ key: 'env', value: 'prod' }],
  })
  await change(world.ctx, 'disable', [plain])
  await signInAs()
  await openList(page, world)
  await expect(page.getByRole('columnheader', { name: 'Enterprise Project' })).toBeVisible()

  const chips = page.getByRole('list', { name: 'Filters in use' }).getByRole('listitem')
  const pick = async (property: string, ...values: string[]) => {
    await filterBox(page).click()
    await page.getByRole('option', { name: property, exact: true }).click()
    for (const value of values) await page.getByRole('option', { name: value, exact: true }).click()
  }
  const shows = async (...keys: { name: string }[]) => {
    await expect(page.getByRole('rowgroup').nth(1).getByRole('row')).toHaveCount(keys.length)
    for (const key of keys) await expect(row(page, key)).toBeVisible()
  }
  const clear = () => page.getByRole('button', { name: 'Clear filter' }).click()

  await filterBox(page).fill('A_B')
  await page.keyboard.press('Enter')
  await shows(plain)
  await expect(chips).toHaveText(['Keyword: A_B'])
  await clear()

  await pick('Name')
  await page.keyboard.type('xb')
  await page.keyboard.press('Enter')
  await shows(other)
  await clear()

  await pick('ID')
  await page.keyboard.type(tagged.id.slice(2, 20).toUpperCase())
  await page.keyboard.press('Enter')
  await shows(tagged)
  await clear()

  await pick('Status', 'Disabled')
  await shows(plain)
  await pick('Status', 'Pending import')
  await shows(plain, tagged)
  await expect(chips).toHaveText(['Status: Disabled or Pending import'])
  await expect(page).toHaveURL(/status=disabled&status=pending-import/)
  await pick('Origin', 'External')
  await shows(tagged)
  await page.getByRole('button', { name: 'Remove Status: Disabled or Pending import' }).click()
  await expect(chips).toHaveText(['Origin: External'])
  // The chips change at once, the address once the list has answered; Back before that goes back from where one was
  await expect(page).not.toHaveURL(/status=/)
  await page.goBack()
  await expect(page).toHaveURL(/status=disabled&status=pending-import/)
  await expect(chips).toHaveCount(2)
  await page.reload()
  await shows(tagged)
  await clear()

  await pick('Key Algorithm', 'RSA_2048')
  await shows(other)
  await clear()
  await pick('Usage', 'Sign and verify')
  await shows(other)
  await clear()
  await pick('Enterprise Project', 'payments')
  await shows(tagged)
  await clear()

  await pick('Tag')
  await page.keyboard.type('env')
  await page.keyboard.press('Enter')
  await page.keyboard.type('prod')
  await page.keyboard.press('Enter')
  await shows(tagged)
  await expect(chips).toHaveText(['Tag: env = prod'])
  await clear()

  await pick('Created')
  await page.getByLabel('From', { exact: true }).fill('2020-01-01')
  await page.getByLabel('To', { exact: true }).fill('2020-01-02')
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(page.getByText('No key matches this filter')).toBeVisible()
  await expect(chips).toHaveText(['Created: 2020-01-01 to 2020-01-02 (UTC)'])
})

test('is used with the keyboard alone, from / to Escape', async ({ page, world, signInAs, makeKey }) => {
  const key = await makeKey({ name: 'first' })
  await makeKey({ name: 'second', spec: 'SM4' })
  await signInAs()
  await openList(page, world)
  await expect(row(page, key)).toBeVisible()

  await expect(async () => {
    await page.keyboard.press('/')
    await expect(filterBox(page)).toBeFocused({ timeout: 500 })
  }).toPass()
  await expect(filterBox(page)).toHaveValue('')
  await expect(page.getByRole('listbox', { name: 'Filters' })).toBeVisible()
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })

  await page.keyboard.type('stat')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(filterBox(page)).toHaveAccessibleDescription('Status')
  await expect(page.getByRole('listbox', { name: 'Filters' }).getByRole('option')).toHaveText([
    'Enabled',
    'Disabled',
    'Pending deletion',
    'Pending import',
  ])
  await page.keyboard.press('Backspace')
  await expect(filterBox(page)).toHaveAccessibleDescription('')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('listbox')).toBeHidden()
  await expect(filterBox(page)).toBeFocused()

  await page.keyboard.type('sm4')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/algorithm=SM4/)
  await expect(row(page, key)).toBeHidden()
})

test('a condition picked before the list has answered joins those asked for, not those still shown', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const key = await makeKey({ name: 'signing', spec: 'EC_P256', usage: 'SIGN_VERIFY' })
  await makeKey({ name: 'sealing' })
  await signInAs()
  await openList(page, world, '&algorithm=AES_256')
  await expect(row(page, key)).toBeHidden()
  const { promise: picked, resolve: answerNow } = Promise.withResolvers<void>()
  await page.route(/\/keys\?.*_rsc=/, async (route) => {
    await picked
    await route.continue()
  })
  await page.getByRole('button', { name: 'Clear filter' }).click()
  await filterBox(page).click()
  await page.getByRole('option', { name: 'Usage', exact: true }).click()
  await page.getByRole('option', { name: 'Sign and verify', exact: true }).click()
  answerNow()
  await expect(row(page, key)).toBeVisible()
  await expect(page.getByRole('list', { name: 'Filters in use' }).getByRole('listitem')).toHaveText([
    'Usage: Sign and verify',
  ])
})
