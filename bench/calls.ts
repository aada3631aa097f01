import { randomBytes } from 'node:crypto'
import { signedHeaders } from '#lib/api/testing/signed-request.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { LoadedMaterial } from '#lib/kms/crypto/loaded-material.ts'
import type { BareKey } from './bare-server.ts'

/** In whose name requests are signed, and for which project. */
export type Caller = { id: string; secret: string; projectId: string }

const host = 'http://127.0.0.1'

/** One signed request, whole, as it goes over the wire. Its signature is good for a quarter of an hour. */
export function signedRequest(caller: Caller, operation: string, input: object, method = 'POST'): Buffer {
  const url = `/v1.0/${caller.projectId}/kms/${operation}`
  const body = JSON.stringify(input)
  const headers = Object.entries(signedHeaders(host, caller, { method, url, body }))
  const lines = [...headers, ['content-length', String(Buffer.byteLength(body))]].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  return Buffer.from(`${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

/** 1 KiB of text. */
const kibibyte = (): string => randomBytes(768).toString('base64')

export function encryptRequests(caller: Caller, keys: readonly BareKey[]): Buffer[] {
  return keys.map(({ id }) => signedRequest(caller, 'encrypt-data', { key_id: id, plain_text: kibibyte() }))
}

export function decryptRequests(caller: Caller, keys: readonly BareKey[]): Buffer[] {
  return keys.map(({ accountId, setId, material }) => {
    const binding = { cipher: 'aes-256-gcm' as const, accountId, setId, materialVersion: 1 }
    using loaded = new LoadedMaterial(KeyMaterial.take(Uint8Array.from(material)), binding, () => 0)
    const sealed = loaded.seal('data', Buffer.from(kibibyte()), new Uint8Array())
    return signedRequest(caller, 'decrypt-data', { cipher_text: sealed.toString('base64') })
  })
}

/** PSS over SHA-256: of a digest, as the API takes a message unless told otherwise, or of 1 KiB to be hashed there. */
export function signRequests(caller: Caller, keys: readonly BareKey[], type: 'DIGEST' | 'RAW'): Buffer[] {
  return keys.map(({ id }) =>
    signedRequest(caller, 'sign', {
      key_id: id,
      message: randomBytes(type === 'RAW' ? 1024 : 32).toString('base64'),
      message_type: type,
      signing_algorithm: 'RSASSA_PSS_SHA_256',
    }),
  )
}
