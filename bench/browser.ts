import { type Browser, chromium, type Page } from '@playwright/test'
import { findChromium } from '../scripts/chromium.ts'
import { chromiumOptions } from '../scripts/chromium-options.ts'

export async function openBrowser(): Promise<Browser> {
  return chromium.launch(chromiumOptions(await findChromium()))
}

/** A page of a new window, which has cached nothing; signed in unless it has to do that itself. */
export async function newPage(
  browser: Browser,
  baseURL: string,
  session?: Awaited<ReturnType<typeof signIn>>,
): Promise<Page> {
  return browser.newPage({
    baseURL,
    viewport: { width: 1440, height: 900 },
    ...(session && { storageState: session }),
  })
}

/** Signs in as a person does; answers the cookies. */
export async function signIn(
  browser: Browser,
  baseURL: string,
  { email, password }: { email: string; password: string },
) {
  const page = await newPage(browser, baseURL)
  await page.goto('/sign-in')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('tab', { name: 'Custom Keys' }).waitFor()
  const state = await page.context().storageState()
  await page.context().close()
  return state
}
