import type { KmsContext } from '#lib/kms/context.ts'
import { encryptData } from '#lib/kms/operations/encrypt-data.ts'
import { BatchedUseRecorder } from '#lib/kms/usage/use-recorder.ts'
import { expect, test } from './fixtures.ts'
import { change, openList, row } from './key-list-steps.ts'
import { expectAccessible, inEveryLook } from './steps.ts'

// Wide enough for both columns of use.
test.use({ viewport: { width: 1600, height: 900 } })

test('the list shows and sorts by use, and a review says who would notice', async ({
  page,
  world,
  signInAs,
  makeKey,
}) => {
  const [often, once, never] = [
    await makeKey({ name: 'called-often' }),
    await makeKey({ name: 'called-once' }),
    await makeKey({ name: 'never-called' }),
  ]
  const uses = new BatchedUseRecorder({ db: world.db, rootKey: world.rootKey, log: { warn: console.error } })
  const call = async (key: { id: string }, times: number, name: string) => {
    const actor = { ...world.ctx.actor, name } as KmsContext['actor']
    for (let made = 0; made < times; made++) {
      const input = { projectId: world.projectId, keyId: key.id, plaintext: Buffer.from('x') }
      await encryptData({ ...world.ctx, actor, uses }, input).catch(() => undefined)
    }
  }
  await call(often, 12, 'orders-service')
  await call(once, 1, 'orders-service')
  await change(world.ctx, 'disable', [once])
  await call(once, 3, 'billing-export')
  await uses.stop()
  await signInAs()
  await openList(page, world)

  await expect(row(page, often)).toContainText('just now')
  await expect(row(page, once)).toContainText('3 refused')
  await expect(row(page, never)).toContainText('Never')
  const names = page
    .getByRole('rowgroup')
    .nth(1)
    .getByText(/^(called|never)-/)
  const sortedBy = async (column: string, order: string[]) => {
    const header = page.getByRole('columnheader', { name: column })
    // The order may look the same before the click; the next link is there only once the list is sorted.
    await header.getByRole('link').click()
    await expect(header).toHaveAttribute('aria-sort', 'ascending')
    await expect(names).toHaveText(order)
    await header.getByRole('link').click()
    await expect(header).toHaveAttribute('aria-sort', 'descending')
    await expect(names).toHaveText(order.toReversed())
  }
  await sortedBy('Calls (30 days)', ['never-called', 'called-once', 'called-often'])
  await sortedBy('Last used', ['never-called', 'called-often', 'called-once'])
  await inEveryLook(page, () => expectAccessible(page))

  await row(page, often).getByRole('button', { name: 'Disable', exact: true }).click()
  await expect(page.getByRole('dialog')).toContainText('Called 12 times in the last 30 days.')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await row(page, once).getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(
    page.getByText(/^billing-export still calls it: refused 3 times, last on [\d-]+ \(UTC\)\.$/),
  ).toBeVisible()
})
