import type { Database } from '#lib/db/client.ts'
import { changeRoles } from '#lib/kms/access/change-roles.ts'
import { makeLink } from '#lib/kms/access/make-link.ts'
import { suspendUser } from '#lib/kms/access/suspend-user.ts'
import { admitAttempt } from '#lib/kms/access/throttle.ts'
import { pauseAttempts } from '#lib/kms/testing/pause-attempts.ts'
import { expect, password, test } from './fixtures.ts'
import { expectAccessible, expectNoSideScroll, inEveryLook } from './steps.ts'

async function exhaustAttempts(db: Database, email: string): Promise<void> {
  for (let round = 0; round < 5; round++) await admitAttempt(db, { email, address: null })
  await pauseAttempts(db, email)
}

test('leads to sign-in and back to the page that was asked for, and out again', async ({
  page,
  makeUser,
}) => {
  const { email } = await makeUser()
  await page.goto('/keys?tab=default')
  await expect(page).toHaveURL('/sign-in?next=%2Fkeys%3Ftab%3Ddefault')

  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText('Email or password is not correct.')).toBeVisible()
  await expect(page.getByLabel('Email')).toHaveValue(email)
  await expect(page.getByLabel('Password')).toHaveValue('')
  await expect(page.getByLabel('Password')).toBeFocused()

  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL('/keys?tab=default')
  await expect(page.getByRole('button', { name: 'Create Key' })).toBeVisible()

  await page.getByRole('button', { name: /^User/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL('/sign-in')
  await page.goto('/keys')
  await expect(page).toHaveURL('/sign-in')
})

test('someone who is signed in is not asked again', async ({ page, signInAs }) => {
  await signInAs()
  await page.goto('/sign-in?next=%2Fkeys%3Ftab%3Ddefault')
  await expect(page).toHaveURL('/keys?tab=default')
})

test('another site cannot be smuggled in as the way back', async ({ page, makeUser }) => {
  const { email } = await makeUser()
  await page.goto('/sign-in?next=%2F%2Fevil.example')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/^http:\/\/127\.0\.0\.1:\d+\/keys/)
})

test('says at the field what is missing', async ({ page }) => {
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByLabel('Email')).toHaveAccessibleDescription(/Enter an email address/)
  await expect(page.getByLabel('Email')).toBeFocused()
  await expect(page.getByLabel('Password')).toHaveAccessibleDescription('Enter your password.')
})

test('after too many wrong passwords it says how long to wait, and the right one waits too', async ({
  page,
  product,
  makeUser,
}) => {
  const { email } = await makeUser()
  await exhaustAttempts(product.service.db, email)
  await page.goto('/sign-in')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText(/Too many attempts. Try again in \d+ seconds?\./)).toBeVisible()
  await expect(page).toHaveURL('/sign-in')
})

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false })

  test('the sign-in form works', async ({ page, makeUser }) => {
    const { email } = await makeUser()
    await page.goto('/sign-in?next=%2Fkeys%3Ftab%3Ddefault')
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('Email or password is not correct.')).toBeVisible()
    await expect(page.getByLabel('Email')).toHaveValue(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page).toHaveURL('/keys?tab=default')
  })
})

test('a form posted from another site signs nobody in', async ({ page, makeUser, context }) => {
  const { email } = await makeUser()
  await page.goto('/sign-in')
  const hidden = await page
    .locator('form input[type=hidden]')
    .evaluateAll((inputs) =>
      inputs.map((input) => [(input as HTMLInputElement).name, (input as HTMLInputElement).value]),
    )
  const multipart = { ...Object.fromEntries(hidden), email, password }
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}]) {
    const response = await page.request.post('/sign-in', { multipart, headers, maxRedirects: 0 })
    expect(response.headers()['set-cookie']).toBeUndefined()
  }
  expect(await context.cookies()).toEqual([])
})

test('a suspended user is out at the next click, and keeps what was typed', async ({
  page,
  world,
  signInAs,
}) => {
  const { ctx } = await signInAs(['KMS CMKFullAccess'])
  await page.goto('/keys/create')
  await page.getByLabel('Name', { exact: true }).fill('typed-with-care')
  await suspendUser(world.ctx, { userId: ctx.actor.id })
  await page.getByRole('button', { name: 'OK' }).click()
  await expect(page.getByText('You are signed out.')).toBeVisible()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('typed-with-care')
  await page.goto('/keys')
  await expect(page).toHaveURL('/sign-in')
})

test('a role that was taken away is gone for the next request of the same session', async ({
  page,
  world,
  signInAs,
}) => {
  const { ctx } = await signInAs(['KMS CMKFullAccess'])
  await page.goto('/keys/create')
  await page.getByLabel('Name', { exact: true }).fill('not-any-more')
  await changeRoles(world.ctx, {
    userId: ctx.actor.id,
    roles: [{ role: 'KMS CMKReadOnlyAccess', projectId: null }],
  })
  await page.getByRole('button', { name: 'OK' }).click()
  await expect(page.getByText('You do not have permission to do this.')).toBeVisible()
})

test('a one-time link sets a password, once', async ({ page, context, world, makeUser }) => {
  const { ctx, email } = await makeUser(['KMS CMKReadOnlyAccess'])
  const { token } = await makeLink(world.ctx, { userId: ctx.actor.id })
  await page.goto(`/link#${token}`)
  await expect(page.getByLabel('Email')).toHaveValue(email)
  await page.getByLabel('Password').fill('too short')
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await expect(page.getByLabel('Password')).toHaveAccessibleDescription(/12 to 128 characters\./)
  await page.getByLabel('Password').fill('a new sentence to remember')
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await expect(page).toHaveURL(/\/keys/)

  await context.clearCookies()
  await page.goto(`/link#${token}`)
  await page.reload()
  await expect(page.getByText('This link is not valid any more.')).toBeVisible()
})

test('a password that was set is set, also when nobody could be signed in with it just then', async ({
  page,
  product,
  world,
  makeUser,
}) => {
  const { ctx, email } = await makeUser(['KMS CMKReadOnlyAccess'])
  const { token } = await makeLink(world.ctx, { userId: ctx.actor.id })
  await exhaustAttempts(product.service.db, email)
  await page.goto(`/link#${token}`)
  await page.getByLabel('Password').fill('a new sentence to remember')
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await expect(page).toHaveURL('/sign-in')

  await pauseAttempts(product.service.db, email, 0)
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill('a new sentence to remember')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/keys/)
})

test('the token of a link is sent in the body only', async ({ page, world, makeUser }) => {
  const { ctx } = await makeUser()
  const { token } = await makeLink(world.ctx, { userId: ctx.actor.id })
  const addresses: string[] = []
  page.on('request', (request) => addresses.push(request.url(), request.headers().referer ?? ''))
  await page.goto(`/link#${token}`)
  await expect(page.getByLabel('Email')).not.toHaveValue('')
  const sent = addresses.map((address) => address.split('#', 1)[0])
  expect(sent.join('\n')).not.toContain(token)
})

test('holds to WCAG 2.2 AA in both themes, wide and narrow, with errors shown', async ({
  page,
  world,
  makeUser,
}) => {
  const { ctx } = await makeUser()
  const { token } = await makeLink(world.ctx, { userId: ctx.actor.id })
  const check = async () => {
    await expectAccessible(page)
    await expectNoSideScroll(page)
  }
  await page.goto('/sign-in')
  await inEveryLook(page, check)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText('Enter your password.')).toBeVisible()
  await inEveryLook(page, check)

  await page.goto(`/link#${token}`)
  await expect(page.getByLabel('Email')).not.toHaveValue('')
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await expect(page.getByText('Password must be 12 to 128 characters.')).toBeVisible()
  await inEveryLook(page, check)
  await page.goto('/link')
  await page.reload()
  await expect(page.getByText('This link is not valid any more.')).toBeVisible()
  await inEveryLook(page, check)
  await page.goto('/set-up')
  await inEveryLook(page, check)
})
