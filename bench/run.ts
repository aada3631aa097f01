// npm run bench: measured claims, one line each, as the ratio of two things measured in the same run.

import { openOfflineWorld } from '../scripts/testing/offline-world.ts'
import { startProduct, temporaryDataFolder } from '../scripts/testing/start-product.ts'
import { newPage, openBrowser, signIn } from './browser.ts'
import { consoleClient } from './console-client.ts'
import { disableOne, disableThousand } from './disable.ts'
import { insertKeys } from './insert-keys.ts'
import { keyCreation } from './key-creation.ts'
import { keyList } from './key-list.ts'
import type { Line } from './measure.ts'
import { scriptBytes } from './script-bytes.ts'

const administrator = { email: 'bench@example.com', password: 'bench-only-not-a-secret', since: new Date() }

const missed: string[] = []

function print(lines: readonly Line[]): void {
  for (const { claim, value, goal, figures } of lines) {
    if (goal?.reached === false) missed.push(claim)
    const verdict = goal ? (goal.reached ? 'reached' : 'NOT REACHED') : 'measured'
    const promise = goal ? `goal ${goal.words}` : 'no goal'
    console.log(`${verdict.padEnd(11)}  ${value.padStart(8)}  ${promise.padEnd(13)}  ${claim}`)
    console.log(`${' '.repeat(38)}${figures}\n`)
  }
}

/** Runs in a process that opens the database itself, as a console does; then lets go of it for the product. */
async function measureVerbs(settings: Record<string, string>): Promise<{ many: string; few: string }> {
  await using world = await openOfflineWorld(settings, administrator)
  print(await disableThousand(world))
  print(await disableOne(world))
  const [many, few] = world.projectIds as [string, string]
  await insertKeys(world, { projectId: many, count: 100_000, prefix: 'many' })
  await insertKeys(world, { projectId: few, count: 100, prefix: 'few' })
  return { many, few }
}

async function measureConsole(
  settings: Record<string, string>,
  { many, few }: { many: string; few: string },
): Promise<void> {
  await using product = await startProduct(settings)
  await product.untilPrinted('Keystead is running.')
  await using browser = await openBrowser()
  const session = await signIn(browser, product.consoleUrl, administrator)
  const cookie = session.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const client = consoleClient(product.consoleUrl, cookie)
  print(await scriptBytes(await newPage(browser, product.consoleUrl, session), few))
  print(await keyList(client, { many, few }))
  const page = await newPage(browser, product.consoleUrl, session)
  print(await keyCreation(client, page, { read: many, create: few }))
}

const begun = performance.now()
{
  await using data = await temporaryDataFolder()
  const settings = { KMS_DATA_DIR: data.path, KMS_KEY_QUOTA: '1000000' }
  await measureConsole(settings, await measureVerbs(settings))
}
console.log(
  `${missed.length === 0 ? 'All goals were reached' : `${missed.length} not reached`} (${Math.round((performance.now() - begun) / 1000)} s)`,
)
