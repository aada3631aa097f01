import { defineConfig } from '@playwright/test'
import { findChromium } from './scripts/chromium.ts'
import { chromiumOptions } from './scripts/chromium-options.ts'
import { freePorts } from './scripts/testing/start-product.ts'

// The workers read this file again; what the first reading chose reaches them through the environment.
if (process.env.KEYSTEAD_E2E_PORT === undefined) {
  const [forConsole, forEndpoint] = await freePorts(2)
  process.env.KEYSTEAD_E2E_PORT = String(forConsole)
  process.env.KEYSTEAD_E2E_API_PORT = String(forEndpoint)
}
process.env.CHROMIUM_PATH ??= await findChromium()

export default defineConfig({
  testDir: 'e2e',
  globalSetup: './e2e/global-setup.ts',
  forbidOnly: true,
  fullyParallel: false,
  workers: 2,
  // Generous, so that a busy machine fails nothing that is right; what hangs still ends.
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  use: {
    baseURL: `http://127.0.0.1:${process.env.KEYSTEAD_E2E_PORT}`,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    launchOptions: chromiumOptions(process.env.CHROMIUM_PATH),
  },
})
