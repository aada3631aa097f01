import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { suspendUser } from '../access/suspend-user.ts'
import { changeKeyState } from '../keys/change-key-state.ts'
import { everyUse, type KeyUseName, keyUseNames, type ReadyUse } from '../testing/every-use.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'

let w: TestWorld
let uses: Record<KeyUseName, ReadyUse>

beforeAll(async () => {
  w = await testWorld(inject('databaseUrl'), { connections: 16 })
  uses = await everyUse(w)
})

afterAll(() => w[Symbol.asyncDispose]())

/**
 * Keys are disabled and enabled again while others use them without pause. A use that begins after Disable has
 * returned, and is answered before Enable is asked for, must be refused; in between either answer is right.
 */
test('no use that begins after Disable has returned succeeds', async () => {
  const rounds = 12
  const keyIds = [...new Set(keyUseNames.map((name) => uses[name].keyId))]
  // Even: in use or changing. Odd: disabled, and the disabling has been answered.
  let phase = 0
  const answered = { enabled: 0, disabled: 0 }
  const wrong: string[] = []
  let stopped = false

  const user = async (names: readonly KeyUseName[]): Promise<void> => {
    while (!stopped) {
      for (const name of names) {
        const begun = phase
        const succeeded = await uses[name].run(w.ctx, w.projectId).then(
          () => true,
          (error) => {
            if (error.code !== 'keyDisabled') throw error
            return false
          },
        )
        if (begun !== phase) continue
        if (begun % 2 === 0) answered.enabled += succeeded ? 1 : 0
        else if (succeeded) wrong.push(name)
        else answered.disabled += 1
      }
    }
  }
  /** Lets the users go on until they have been answered this often. */
  const until = async (kind: keyof typeof answered, count: number): Promise<void> => {
    await expect.poll(() => answered[kind], { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(count)
  }
  const change = (operation: 'enable' | 'disable'): Promise<unknown> =>
    Promise.all(keyIds.map((keyId) => changeKeyState(w.ctx, { projectId: w.projectId, keyId, operation })))

  const everyThird = (rest: number) => keyUseNames.filter((_, i) => i % 3 === rest)
  const users = [0, 1, 2, 0, 1, 2].map((rest) => user(everyThird(rest)))
  try {
    for (let round = 1; round <= rounds; round++) {
      await until('enabled', round * 10)
      await change('disable')
      phase += 1
      await until('disabled', round * 10)
      phase += 1
      await change('enable')
    }
  } finally {
    stopped = true
    await Promise.all(users)
  }
  expect(wrong).toEqual([])
})

test('no use that begins after its user was suspended succeeds', async () => {
  const ctx = await w.userWith(['KMS CMKFullAccess'])
  const attempts: Promise<unknown>[] = []
  for (let i = 0; i < 8; i++) attempts.push(uses.encryptData.run(ctx, w.projectId))
  await suspendUser(w.ctx, { userId: ctx.actor.id })
  await expect(uses.encryptData.run(ctx, w.projectId)).rejects.toMatchObject({ code: 'notPermitted' })
  for (const result of await Promise.allSettled(attempts)) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'notPermitted' })
  }
})
