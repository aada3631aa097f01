import { expect, test } from '@playwright/test'
import { startProduct, temporaryDataFolder } from '../scripts/testing/start-product.ts'
import { expectAccessible, expectNoSideScroll, inEveryLook } from './steps.ts'

test('the printed link makes the first administrator, once', async ({ page, context }) => {
  test.setTimeout(300_000)
  await using data = await temporaryDataFolder()
  await using product = await startProduct({ KMS_DATA_DIR: data.path })
  await product.untilPrinted('Keystead is running.')
  const [link = ''] = /http\S+\/set-up#\S+/.exec(product.output()) ?? []

  const { promise: allowed, resolve: allow } = Promise.withResolvers<void>()
  await page.route('**/_next/static/**/*.js*', async (route) => {
    await allowed
    await route.continue()
  })
  await page.goto(link, { waitUntil: 'commit' })
  const create = page.getByRole('button', { name: 'Create administrator' })
  await page.getByLabel('Email').fill('typed-before-the-scripts@example.com')
  await expect(create).toBeDisabled()
  allow()
  await create.click()
  await expect(page.getByLabel('Password')).toHaveAccessibleDescription(/must be 12 to 128 characters/)
  await expect(page.getByLabel('Email')).toHaveValue('typed-before-the-scripts@example.com')
  await page.getByLabel('Email').fill('')
  await expect(page.getByLabel('Email')).toHaveAccessibleDescription(/Enter an email address/)
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })

  await page.getByLabel('Email').fill('Ana@Example.com')
  await page.getByLabel('Password').fill('too short')
  await create.click()
  await expect(page.getByLabel('Email')).toHaveValue('Ana@Example.com')
  await page.getByLabel('Password').fill('a sentence to remember')
  await create.click()
  await expect(page).toHaveURL(/\/keys/)
  await expect(page.getByRole('button', { name: /^User/ })).toHaveAccessibleName('User: ana')

  await context.clearCookies()
  await page.goto('about:blank')
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'Keystead is set up' })).toBeVisible()
  await page.goto(`${product.consoleUrl}/sign-in`)
  await page.getByLabel('Email').fill('ana@example.com')
  await page.getByLabel('Password').fill('a sentence to remember')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/keys/)
})
