import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'

/** Takes the next numbered picture of what the window shows. */
export type TakePicture = (page: Page, what: string) => Promise<void>

/** Empties the folder and answers how to fill it: `01-sign-in.png`, `02-key-list.png` … */
export async function pictureFolder(folder: string): Promise<{ take: TakePicture; taken: () => number }> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  let taken = 0
  return {
    taken: () => taken,
    async take(page, what) {
      const number = String(++taken).padStart(2, '0')
      const sideways = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect(sideways, `${what}: nothing is cut off at the side`).toBeLessThanOrEqual(0)
      await page.screenshot({
        path: join(folder, `${number}-${what}.png`),
        animations: 'disabled',
        caret: 'hide',
      })
      console.log(`  ${number}  ${what.replaceAll('-', ' ')}`)
    },
  }
}
