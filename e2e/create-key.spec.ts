import type { Page } from '@playwright/test'
import { createEnterpriseProject } from '#lib/kms/enterprise-projects/create-enterprise-project.ts'
import { listKeys } from '#lib/kms/keys/list-keys.ts'
import { keyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { TestWorld } from '#lib/kms/testing/test-world.ts'
import { expect, password, test } from './fixtures.ts'
import { expectAccessible, expectAnnouncement, expectNoSideScroll, inEveryLook } from './steps.ts'

const name = (page: Page) => page.getByLabel('Name', { exact: true })
const ok = (page: Page) => page.getByRole('button', { name: 'OK', exact: true })

const problem = (page: Page) => page.getByRole('form', { name: 'Create Key' }).getByRole('alert')

async function openForm(page: Page, { projectId }: TestWorld) {
  await page.goto(`/keys/create?project=${projectId}`)
  await expect(page.getByRole('heading', { name: 'Create Key', level: 1 })).toBeVisible()
}

/** The answers are lost, not the requests: the key is made, and the person cannot know. */
async function loseAnswers(page: Page) {
  await page.route('**/keys/create*', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback()
    await route.fetch()
    await route.abort('connectionreset')
  })
}

async function keysOf({ ctx, projectId }: TestWorld) {
  return (await listKeys(ctx, keyListInput.parse({ projectId }))).keys
}

test('a key is made with nothing but OK, and stands first in the list', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  await makeKey()
  await signInAs()
  await page.goto(`/keys?project=${world.projectId}`)
  await page.getByRole('button', { name: 'Create Key' }).click()
  await expect(name(page)).toHaveValue(/^KMS-[0-9a-f]{4}$/)
  await expect(page.getByLabel('Key Algorithm')).toHaveValue('AES_256')
  await expect(page.getByLabel('Usage')).toHaveValue('ENCRYPT_DECRYPT')
  await expect(page.getByLabel('Usage')).toBeDisabled()
  const suggested = await name(page).inputValue()
  await ok(page).click()
  await expectAnnouncement(page, `Key ${suggested} created`)
  const row = page.getByRole('row').nth(1)
  await expect(row).toContainText(suggested)
  await expect(row).toContainText('Enabled')
  expect((await keysOf(world)).map((key) => key.name)).toContain(suggested)
})

test('every field reaches the key, and an external one waits for its material', async ({
  page,
  world,
  signInAs,
}) => {
  await signInAs()
  await openForm(page, world)
  await name(page).fill('支付/密钥:one_two-3')
  await page.getByLabel('Key Algorithm').selectOption('RSA_3072')
  await expect(page.getByLabel('Usage')).toHaveValue('SIGN_VERIFY')
  await page.getByLabel('Usage').selectOption('ENCRYPT_DECRYPT')
  await page.getByRole('radio', { name: 'External' }).check()
  await page.getByRole('button', { name: 'Advanced settings' }).click()
  await page.getByLabel('Description').fill('Cards 💳')
  await expect(page.getByText('7/255')).toBeVisible()
  await page.getByRole('button', { name: 'Add Tag' }).click()
  await expect(page.getByText('You can add 19 more tags.')).toBeVisible()
  await expect(page.getByLabel('Tag value')).toBeDisabled()
  await page.getByLabel('Tag key').fill('team')
  await page.getByLabel('Tag value').fill('payments')
  await ok(page).click()
  await expectAnnouncement(page, 'Key 支付/密钥:one_two-3 created: Pending import')
  await expect(page.getByRole('row').nth(1)).toContainText('Pending import')
  expect(await keysOf(world)).toMatchObject([
    {
      name: '支付/密钥:one_two-3',
      state: '5',
      spec: 'RSA_3072',
      usage: 'ENCRYPT_DECRYPT',
      origin: 'external',
      description: 'Cards 💳',
    },
  ])
})

test('another algorithm takes along what does not fit, and says so', async ({ page, world, signInAs }) => {
  await signInAs()
  await openForm(page, world)
  const algorithm = page.getByLabel('Key Algorithm')
  await algorithm.selectOption('RSA_2048')
  await expect(page.getByText(/3072 bits is today’s floor/)).toBeVisible()
  await page.getByLabel('Usage').selectOption('ENCRYPT_DECRYPT')
  await algorithm.selectOption('EC_P256')
  await expect(page.getByLabel('Usage')).toHaveValue('SIGN_VERIFY')
  await expect(page.getByText('Changed from ENCRYPT_DECRYPT, which EC_P256 does not have.')).toBeVisible()
  await page.getByRole('radio', { name: 'External' }).check()
  await algorithm.selectOption('HMAC_256')
  await expect(page.getByRole('radio', { name: 'Key management' })).toBeChecked()
  await expect(page.getByRole('radio', { name: 'External' })).toBeDisabled()
  await expect(page.getByText(/HMAC_256 cannot use external key material/)).toBeVisible()
})

test('the enterprise project is asked for once there is a second one', async ({ page, world, signInAs }) => {
  await signInAs()
  await openForm(page, world)
  await expect(page.getByLabel('Enterprise Project')).toHaveCount(0)
  const { id } = await createEnterpriseProject(world.ctx, { name: 'Payments' })
  await page.reload()
  await expect(page.getByLabel('Enterprise Project')).toHaveValue('0')
  await page.getByLabel('Enterprise Project').selectOption('Payments')
  await ok(page).click()
  await expectAnnouncement(page, /created/)
  expect(await keysOf(world)).toMatchObject([{ enterpriseProject: { id, name: 'Payments' } }])
})

test('bad names are refused at the field, with the rule, and nothing typed is lost', async ({
  page,
  world,
  signInAs,
}) => {
  await signInAs()
  await openForm(page, world)
  await page.getByRole('button', { name: 'Advanced settings' }).click()
  await page.getByLabel('Description').fill('kept')
  for (const [bad, message] of [
    ['', 'Enter a name.'],
    ['two words', 'Name can contain only letters, digits, and _ - : / (no spaces).'],
    ['key-😀', 'Name can contain only letters, digits, and _ - : / (no spaces).'],
    ['字'.repeat(256), 'Name can have at most 255 characters; this one has 256.'],
    ['obs/default', 'Name must not end in /default: such names belong to default keys.'],
  ] as const) {
    await name(page).fill(bad)
    await ok(page).click()
    await expect(name(page)).toHaveAccessibleDescription(new RegExp(escaped(message)))
    await expect(name(page)).toBeFocused()
    await expect(name(page)).toHaveValue(bad)
  }
  await expect(page.getByLabel('Description')).toHaveValue('kept')
  expect(await keysOf(world)).toEqual([])
  await name(page).fill('字'.repeat(255))
  await ok(page).click()
  await expectAnnouncement(page, /created/)
})

test('bad descriptions and tags are refused at the field, also when they are folded away', async ({
  page,
  world,
  signInAs,
}) => {
  await signInAs()
  await openForm(page, world)
  await page.getByRole('button', { name: 'Advanced settings' }).click()
  await page.getByLabel('Description').fill('😀'.repeat(256))
  for (const key of ['team', 'team', '', 'k'.repeat(129)]) {
    await page.getByRole('button', { name: 'Add Tag' }).click()
    await page.getByLabel('Tag key').last().fill(key)
  }
  await page.getByRole('button', { name: 'Advanced settings' }).click()
  await expect(page.getByLabel('Description')).toBeHidden()
  await ok(page).click()
  await expect(page.getByLabel('Description')).toBeFocused()
  const keys = page.getByLabel('Tag key')
  await expect(page.getByText('Description can have at most 255 characters.')).toBeVisible()
  await expect(keys.nth(1)).toHaveAccessibleDescription('Another tag already has this key.')
  await expect(keys.nth(2)).toHaveAccessibleDescription('Enter a tag key.')
  await expect(keys.nth(3)).toHaveAccessibleDescription(
    'A tag key can have at most 128 characters; this one has 129.',
  )
  await page.getByRole('button', { name: 'Delete' }).nth(3).click()
  await expect(keys.nth(2)).toBeFocused()
  await page.getByRole('button', { name: 'Delete' }).nth(2).click()
  await page.getByRole('button', { name: 'Delete' }).nth(1).click()
  await page.getByLabel('Description').fill('😀'.repeat(255))
  await ok(page).click()
  await expectAnnouncement(page, /created/)
})

test('a name that is taken is said at the field', async ({ page, world, signInAs, makeKey }) => {
  await makeKey({ name: 'payments' })
  await signInAs()
  await openForm(page, world)
  await name(page).fill('payments')
  await ok(page).click()
  await expect(name(page)).toHaveAccessibleDescription(/A key with this name already exists in the project\./)
  await expect(name(page)).toBeFocused()
  await name(page).fill('Payments')
  await ok(page).click()
  await expectAnnouncement(page, 'Key Payments created')
})

test('what is typed and picked before the scripts are there counts', async ({ page, world, signInAs }) => {
  await signInAs()
  const { promise: allowed, resolve: allow } = Promise.withResolvers<void>()
  await page.route('**/_next/static/**/*.js*', async (route) => {
    await allowed
    await route.continue()
  })
  await page.goto(`/keys/create?project=${world.projectId}`, { waitUntil: 'commit' })
  await name(page).fill('typed-early')
  await page.getByLabel('Key Algorithm').selectOption('HMAC_256')
  await expect(ok(page)).toBeDisabled()
  allow()
  await expect(page.getByLabel('Usage')).toHaveValue('GENERATE_VERIFY_MAC')
  await ok(page).click()
  await expectAnnouncement(page, 'Key typed-early created')
  expect(await keysOf(world)).toMatchObject([{ spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' }])
})

test('pressing OK twice makes one key', async ({ page, world, signInAs }) => {
  await signInAs()
  await openForm(page, world)
  await ok(page).dblclick()
  await expectAnnouncement(page, /created/)
  await expect(page).toHaveURL(/\/keys\?/)
  expect(await keysOf(world)).toHaveLength(1)
})

test('going back after a key was made opens a form for the next one', async ({ page, world, signInAs }) => {
  await signInAs()
  await openForm(page, world)
  await ok(page).click()
  await expect(page).toHaveURL(/\/keys\?/)
  await page.goBack()
  await name(page).fill('the-second')
  await ok(page).click()
  await expectAnnouncement(page, 'Key the-second created')
  expect(await keysOf(world)).toHaveLength(2)
})

test('a session that ended keeps what was typed, and one signs in where one stands', async ({
  page,
  world,
  signInAs,
  context,
}) => {
  const { email } = await signInAs()
  await openForm(page, world)
  await name(page).fill('typed-before')
  await context.clearCookies()
  await ok(page).click()
  await expect(problem(page)).toContainText('You are signed out')
  await expect(name(page)).toHaveValue('typed-before')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Sign in' })
  await dialog.getByLabel('Email').fill(email)
  await dialog.getByLabel('Password').fill('not the password')
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Email or password is not correct.')
  await expectAccessible(page)
  await dialog.getByLabel('Password').fill(password)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await expectAnnouncement(page, 'Key typed-before created')
  expect(await keysOf(world)).toHaveLength(1)
})

test('a new version of Keystead asks for a reload that keeps what was typed', async ({
  page,
  world,
  signInAs,
}) => {
  await signInAs()
  await openForm(page, world)
  await name(page).fill('typed-before')
  await page.getByLabel('Key Algorithm').selectOption('RSA_3072')
  await page.getByRole('button', { name: 'Advanced settings' }).click()
  await page.getByRole('button', { name: 'Add Tag' }).click()
  await page.getByLabel('Tag key').fill('team')
  // What Next answers to an action of another build.
  await page.route('**/keys/create*', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 404, headers: { 'x-nextjs-action-not-found': '1' }, body: 'not found' })
      : route.fallback(),
  )
  await ok(page).click()
  await expect(problem(page)).toContainText('Keystead was updated')
  await page.unroute('**/keys/create*')
  await page.getByRole('button', { name: 'Reload and keep what I typed' }).click()
  await expect(page.getByText('What you typed is back in the form')).toBeVisible()
  await expect(name(page)).toHaveValue('typed-before')
  await expect(page.getByLabel('Key Algorithm')).toHaveValue('RSA_3072')
  await expect(page.getByLabel('Usage')).toHaveValue('SIGN_VERIFY')
  await ok(page).click()
  await expectAnnouncement(page, 'Key typed-before created')
})

test('the form is filled and sent with the keyboard alone', async ({ page, world, signInAs }) => {
  await signInAs()
  await openForm(page, world)
  await name(page).focus()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type('by-keyboard')
  await page.keyboard.press('Tab')
  await page.keyboard.type('EC_P256')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: 'External' })).toBeChecked()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Typed')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Tag key')).toBeFocused()
  await page.keyboard.type('team')
  await page.keyboard.press('Enter')
  await expectAnnouncement(page, 'Key by-keyboard created: Pending import')
  expect(await keysOf(world)).toMatchObject([{ spec: 'EC_P256', origin: 'external', description: 'Typed' }])
})

test('a lost network keeps what was typed, and trying again makes one key', async ({
  page,
  world,
  signInAs,
}) => {
  await signInAs()
  await openForm(page, world)
  await name(page).fill('typed-before')
  await loseAnswers(page)
  await ok(page).click()
  await expect(problem(page)).toContainText('No answer came back')
  await expect(name(page)).toHaveValue('typed-before')
  await page.unroute('**/keys/create*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expectAnnouncement(page, 'Key typed-before created')
  expect(await keysOf(world)).toHaveLength(1)
})

test('a form whose key was made unseen can make another with what was changed', async ({
  page,
  world,
  signInAs,
}) => {
  await signInAs()
  await openForm(page, world)
  await name(page).fill('first')
  await loseAnswers(page)
  await ok(page).click()
  await expect(problem(page)).toContainText('No answer came back')
  await page.unroute('**/keys/create*')
  await name(page).fill('second')
  await ok(page).click()
  await expect(problem(page)).toContainText('This form was already used to create a key with other values.')
  await expect(name(page)).toHaveValue('second')
  await page.getByRole('button', { name: 'Create another key with these values' }).click()
  await expectAnnouncement(page, 'Key second created')
  expect((await keysOf(world)).map((key) => key.name).sort()).toEqual(['first', 'second'])
})

test('whoever may not create keys sees why', async ({ page, world, signInAs }) => {
  await signInAs(['KMS CMKReadOnlyAccess'])
  await openForm(page, world)
  await expect(ok(page)).toHaveAccessibleDescription('You do not have permission to do this.')
})

test('the form and its errors are accessible in every look', async ({ page, world, signInAs }) => {
  await signInAs()
  await openForm(page, world)
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })
  await page.getByRole('button', { name: 'Advanced settings' }).click()
  await page.getByRole('button', { name: 'Add Tag' }).click()
  await name(page).fill('not a name')
  await ok(page).click()
  await expect(page.getByText('Enter a tag key.')).toBeVisible()
  await inEveryLook(page, async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  })
})

test.describe('with a quota of two', () => {
  test.use({ keyQuota: 2 })

  test('the third key is refused with what to do', async ({ page, world, signInAs, makeKey }) => {
    await makeKey()
    await signInAs()
    await openForm(page, world)
    await name(page).fill('one-too-many')
    await makeKey()
    await ok(page).click()
    await expect(problem(page)).toContainText('The project has reached its quota of 2 custom keys.')
    await expect(problem(page)).toContainText('raise KMS_KEY_QUOTA')
    await expect(name(page)).toHaveValue('one-too-many')
    expect(await keysOf(world)).toHaveLength(2)
  })
})

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
