// npm run bench: measured claims, one line each, as the ratio of two things measured in the same run.

import { openOfflineWorld } from '../scripts/testing/offline-world.ts'
import { temporaryDataFolder } from '../scripts/testing/start-product.ts'
import { disableOne, disableThousand } from './disable.ts'
import type { Line } from './measure.ts'

function print({ claim, value, goal, reached, figures }: Line): void {
  console.log(
    `${reached ? 'reached    ' : 'NOT REACHED'}  ${value.padStart(8)}  goal ${goal.padEnd(10)}  ${claim}`,
  )
  console.log(`${' '.repeat(13)}${figures}\n`)
}

const administrator = { email: 'bench@example.com', password: 'bench-only-not-a-secret', since: new Date() }

await using data = await temporaryDataFolder()
{
  await using world = await openOfflineWorld(
    { KMS_DATA_DIR: data.path, KMS_KEY_QUOTA: '1000000' },
    administrator,
  )
  for (const line of await disableThousand(world)) print(line)
  for (const line of await disableOne(world)) print(line)
}
