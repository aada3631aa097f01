import { expect, inject, test } from 'vitest'
import type { KmsContext } from '../context.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { encryptData } from '../operations/encrypt-data.ts'
import { testWorld } from '../testing/test-world.ts'
import { BatchedUseRecorder } from '../usage/use-recorder.ts'
import { planChange } from './plan-change.ts'

test('a review says how often a key was called, and who still calls one that cannot be used', async () => {
  await using w = await testWorld(inject('databaseUrl'))
  const log = { warn: () => undefined }
  let now = Date.now() - 60_000
  const day = new Date(now).toISOString().slice(0, 10)
  const clock = () => new Date(now++)
  const uses = new BatchedUseRecorder({ db: w.db, rootKey: w.rootKey, log, clock })
  const [used, disabled, unused] = [await w.makeKey(), await w.makeKey(), await w.makeKey()]
  const { projectId } = w
  const encrypt = (ctx: KmsContext, keyId: string) =>
    encryptData({ ...ctx, uses }, { projectId, keyId, plaintext: Buffer.from('x') }).catch(() => undefined)
  for (let call = 0; call < 3; call++) await encrypt(w.ctx, used.id)
  await encrypt(w.ctx, disabled.id)
  await changeKeyState(w.ctx, { projectId, keyId: disabled.id, operation: 'disable' })
  for (const name of ['first', 'second', 'third', 'orders: the service']) {
    const user = await w.userWith(['KMS CMKFullAccess'])
    const caller = { ...user, actor: { ...user.actor, name } as KmsContext['actor'] }
    await encrypt(caller, disabled.id)
    if (name === 'third') await encrypt(caller, disabled.id)
  }
  await uses.stop()
  const review = async (operation: 'enable' | 'disable' | 'scheduleDeletion') => {
    const ids = [used.id, disabled.id, unused.id]
    const { items } = await planChange(w.ctx, { projectId, operation, selection: { ids } })
    return items.map((item) => item.warnings)
  }
  const still = (name: string, times: string) =>
    `${name} still calls it: refused ${times}, last on ${day} (UTC).`
  const enabledNow = expect.stringMatching('^Enabled now')
  expect(await review('disable')).toEqual([['Called 3 times in the last 30 days.'], [], []])
  expect(await review('scheduleDeletion')).toEqual([
    [enabledNow, 'Called 3 times in the last 30 days.'],
    [
      'Called once in the last 30 days.',
      still('orders: the service', 'once'),
      still('third', '2 times'),
      still('second', 'once'),
    ],
    [enabledNow],
  ])
  expect(await review('enable')).toEqual([[], [], []])
})
