import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { sendSigned } from '#lib/api/testing/signed-request.ts'
import type { Caller } from './calls.ts'

/** A program that is told to try again gives up at some point. */
const triesMax = 20

/** One who goes on until told to stop. */
export type Busy = { rounds: number; stop: () => Promise<void> }

function busy(every: number, round: () => Promise<void>): Busy {
  let over = false
  const state = { rounds: 0, stop: () => Promise.resolve() }
  const worked = (async () => {
    while (!over) {
      await round()
      state.rounds++
      await pause(every)
    }
  })()
  // A round that fails is told of when it is stopped.
  worked.catch(() => undefined)
  state.stop = () => {
    over = true
    return worked
  }
  return state
}

/** The life of one key after another: made, used, named, tagged, granted, rotated, disabled, refused, enabled, deleted. */
export function manageKeys(port: number, caller: Caller, grantee: string): Busy {
  const endpoint = `http://127.0.0.1:${port}`
  const call = async (path: string, input: object, awaited: number, method = 'POST') => {
    const url = `/v1.0/${caller.projectId}/kms/${path}`
    const send = () => {
      const body = JSON.stringify({ sequence: randomUUID(), ...input })
      return sendSigned(endpoint, caller, { method, url, body })
    }
    let answer = await send()
    // Busy, as Retry-After says: keys that are used for the first time come in floods here.
    for (let tries = 1; answer.status === 503 && tries < triesMax; tries++) {
      await pause(1_000)
      answer = await send()
    }
    if (answer.status !== awaited)
      throw new Error(`${path} was answered with ${answer.status}: ${answer.body}`)
    return answer.body
  }
  return busy(250, async () => {
    const name = randomUUID()
    const made = JSON.parse(await call('create-key', { key_alias: name }, 200)) as {
      key_info: { key_id: string }
    }
    const key = { key_id: made.key_info.key_id }
    const encrypt = { ...key, plain_text: name }
    await call('encrypt-data', encrypt, 200)
    await call('aliases', { ...key, alias: `alias/${name}` }, 200)
    await call('encrypt-data', { ...encrypt, key_id: `alias/${name}` }, 200)
    await call(`${key.key_id}/tags`, { tag: { key: 'soak', value: name } }, 204)
    const grant = { ...key, grantee_principal: grantee, operations: ['encrypt-data'] }
    const { grant_id } = JSON.parse(await call('create-grant', grant, 200)) as { grant_id: string }
    await call('revoke-grant', { ...key, grant_id }, 200)
    await call('enable-key-rotation', key, 200)
    await call('disable-key', key, 200)
    await call('encrypt-data', encrypt, 400)
    await call('enable-key', key, 200)
    await call('encrypt-data', encrypt, 200)
    await call('aliases', { ...key, aliases: [`alias/${name}`] }, 200, 'DELETE')
    await call('schedule-key-deletion', { ...key, pending_days: '7' }, 200)
  })
}

/** Connections that are opened for one request, for half of one, or for none. */
export function comeAndGo(port: number, request: Buffer): Busy {
  let at = 0
  return busy(20, async () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    const bytes = [request, request.subarray(0, request.length / 2), Buffer.alloc(0)][at++ % 3]
    socket.write(bytes ?? '')
    await pause(50)
    if (at % 2) socket.destroy()
    else socket.end()
  })
}
