// npm run demo: the product on a believable world, walked through by a scripted browser that leaves pictures.
// With --keep the world goes on running afterwards, until Ctrl-C.
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { dayMilliseconds } from '#lib/kms/model/limits.ts'
import { pictureFolder } from '../e2e/demo/pictures.ts'
import { walkThrough } from '../e2e/demo/tour.ts'
import { fillDemoWorld, oldestDay } from '../e2e/demo/world.ts'
import { findChromium } from './chromium.ts'
import { chromiumOptions } from './chromium-options.ts'
import { projectRoot } from './project-root.ts'
import { stopRequest } from './stop-request.ts'
import { openOfflineWorld } from './testing/offline-world.ts'
import { askProductDatabase } from './testing/product-database.ts'
import { type StartedProduct, startProduct, temporaryDataFolder } from './testing/start-product.ts'

const administrator = { email: 'security-admin@example.com', password: 'demo-only-not-a-secret' }
const pictures = join(projectRoot, 'pictures')

async function makeWorld(settings: Record<string, string>): Promise<number> {
  const since = new Date(Date.now() - oldestDay * dayMilliseconds)
  await using world = await openOfflineWorld(settings, { ...administrator, since })
  return await fillDemoWorld(world)
}

async function tour(product: StartedProduct, dataDir: string, keys: number): Promise<number> {
  const browser = await chromium.launch(chromiumOptions(await findChromium()))
  try {
    const page = await browser.newPage({
      baseURL: product.consoleUrl,
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      timezoneId: 'Europe/Stockholm',
      colorScheme: 'light',
    })
    page.setDefaultTimeout(15_000)
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    const folder = await pictureFolder(pictures)
    try {
      const silenceInstance = (name: string) =>
        askProductDatabase(
          dataDir,
          `INSERT INTO instance (id, kind, name) VALUES (gen_random_uuid(), 'endpoint', '${name}')`,
        )
      await walkThrough({ page, take: folder.take, administrator, keys, silenceInstance })
    } catch (error) {
      await folder.take(page, 'where-it-failed').catch(() => undefined)
      throw error
    }
    if (faults.length > 0) throw new Error(`The pages reported errors:\n${faults.join('\n')}`)
    return folder.taken()
  } finally {
    await browser.close()
  }
}

const stop = stopRequest()
const begun = performance.now()
try {
  await using data = await temporaryDataFolder()
  const settings = { KMS_DATA_DIR: data.path, KMS_REGIONS: 'eu-de=Frankfurt,eu-nl=Amsterdam' }
  console.log('Making a world of keys …')
  const keys = await makeWorld(settings)
  stop.signal.throwIfAborted()
  console.log('Starting the product (it builds the console if that changed) …')
  await using product = await startProduct(settings)
  await product.untilPrinted('Keystead is running.')
  console.log('Walking through it:')
  const taken = await tour(product, data.path, keys)
  const seconds = Math.round((performance.now() - begun) / 1000)
  console.log(`${taken} pictures in ${pictures} (${seconds} s)`)
  if (process.argv.includes('--keep')) {
    console.log(`\nThe world goes on at ${product.consoleUrl}`)
    console.log(`Sign in as ${administrator.email} with the password ${administrator.password}`)
    console.log('Ctrl-C stops it and throws the world away.')
    await Promise.race([stop.requested, product.exited])
  }
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
process.exit()
