// The least that a server can do for the same answers: it parses the JSON and calls the crypto. No signature, no rights.
import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { promisify } from 'node:util'
import { signDigest } from '#lib/kms/crypto/digest-signature.ts'
import { KeyMaterial } from '#lib/kms/crypto/key-material.ts'
import { LoadedMaterial } from '#lib/kms/crypto/loaded-material.ts'
import { signingAlgorithm } from '#lib/kms/crypto/signing-algorithm.ts'

/** A key as the bench inserted it. */
export type BareKey = {
  id: string
  accountId: string
  setId: string
  /** The opened material: 32 bytes, or PKCS#8. */
  material: Uint8Array
}

export type BareOrder = {
  /** `answer`: it reads requests of a known length and always gives the same answer, without node:http. */
  does: 'seal' | 'sign' | 'answer'
  keys: readonly BareKey[]
}

const read = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    request.on('error', reject)
  })

type Work = (body: Record<string, string>) => object | Promise<object>

function sealing(keys: readonly BareKey[]): Work {
  const none = new Uint8Array()
  const loaded = new Map(
    keys.map(({ id, accountId, setId, material }) => {
      const binding = { cipher: 'aes-256-gcm' as const, accountId, setId, materialVersion: 1 }
      return [id, new LoadedMaterial(KeyMaterial.take(material), binding, () => performance.now())]
    }),
  )
  return ({ key_id: id = '', plain_text: text = '' }) => {
    const key = loaded.get(id)
    if (!key) throw new Error('no such key')
    return { key_id: id, cipher_text: key.seal('data', Buffer.from(text), none).toString('base64') }
  }
}

const signAsync = promisify<string, Uint8Array, Parameters<typeof sign>[2], Buffer>(sign)

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }

/** PSS; of a digest as the product does it, since Node has no asynchronous way of its own for that. */
function signing(keys: readonly BareKey[]): Work {
  const loaded = new Map<string, KeyObject>(
    keys.map(({ id, material }) => [
      id,
      createPrivateKey({ key: Buffer.from(material), type: 'pkcs8', format: 'der' }),
    ]),
  )
  return async ({ key_id: id = '', message = '', message_type: type, signing_algorithm: name = '' }) => {
    const key = loaded.get(id)
    const algorithm = signingAlgorithm(name)
    if (!key || !algorithm?.hash) throw new Error('no such key')
    const bytes = Buffer.from(message, 'base64')
    const signature =
      type === 'RAW'
        ? await signAsync(algorithm.hash, bytes, { key, ...pss })
        : await signDigest(algorithm, key, bytes)
    return { key_id: id, signature: signature.toString('base64') }
  }
}

function bareServer(work: Work): Server {
  return createHttpServer(async (request, response) => {
    const body = await read(request)
    const text = JSON.stringify(await work(JSON.parse(body.toString('utf8'))))
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    response.end(text)
  })
}

/** What the client can do at most. Every request is as long as the first. */
function answeringServer(): Server {
  const answer = Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1560\r\n\r\n${'x'.repeat(1560)}`,
  )
  return createServer((socket) => {
    let length = 0
    let received = 0
    socket.setNoDelay()
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      if (length === 0) {
        const head = bytes.indexOf('\r\n\r\n') + 4
        length = head + Number(/\r\ncontent-length: (\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1])
      }
      received += bytes.length
      for (; received >= length; received -= length) socket.write(answer)
    })
  })
}

process.on('disconnect', () => process.exit())
process.on('message', ({ does, keys }: BareOrder) => {
  const server =
    does === 'answer' ? answeringServer() : bareServer(does === 'seal' ? sealing(keys) : signing(keys))
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ result: (server.address() as AddressInfo).port })
  })
})
