import type { Page, Response } from '@playwright/test'
import type { Line } from './measure.ts'

const LIMIT = 220 * 1024

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`

/**
 * Every byte of script that a window without a cache receives for the list, until nothing is loading, and for one
 * Disable that is reviewed and confirmed.
 */
export async function scriptBytes(page: Page, projectId: string): Promise<Line[]> {
  const scripts: Response[] = []
  page.on('response', (response) => {
    const type = response.headers()['content-type'] ?? ''
    if (response.request().resourceType() === 'script' || /javascript/.test(type)) scripts.push(response)
  })
  const received = async (): Promise<number> => {
    const sizes = await Promise.all(
      scripts.map(async (response) => (await response.request().sizes()).responseBodySize),
    )
    return sizes.reduce((sum, size) => sum + size, 0)
  }
  await page.goto(`/keys?project=${projectId}`, { waitUntil: 'networkidle' })
  const list = await received()
  await page.getByRole('grid').getByRole('checkbox').nth(1).check()
  await page
    .getByRole('toolbar', { name: 'Selected keys' })
    .getByRole('button', { name: /^Disable/ })
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('checkbox', { name: 'I understand the impact of disabling keys' }).check()
  await dialog.getByRole('button', { name: 'OK' }).click()
  await page
    .getByRole('region', { name: 'Messages' })
    .getByText(/1 key disabled/)
    .waitFor()
  await page.waitForLoadState('networkidle')
  const all = await received()
  const plain: string[] = []
  for (const response of scripts) {
    const { responseBodySize } = await response.request().sizes()
    const isPlain = response.headers()['content-encoding'] === undefined
    // Smaller ones fit into one packet either way, and servers leave them alone.
    if (isPlain && responseBodySize > 1_400) plain.push(response.url())
  }
  return [
    {
      claim: 'Scripts of a cold /keys until idle, plus one dialog opened and confirmed, as sent',
      value: kilobytes(all),
      goal: { words: '≤ 220 KB', reached: all <= LIMIT && plain.length === 0 },
      figures: `${scripts.length} files; ${kilobytes(list)} for the list, ${kilobytes(all - list)} for the dialog; ${plain.length === 0 ? 'compressed' : `NOT COMPRESSED: ${plain.join(', ')}`}`,
    },
  ]
}
