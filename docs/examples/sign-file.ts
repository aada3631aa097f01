// Signing: the private key never leaves Keystead; anyone checks the signature with the public key, without Keystead.
//
//   node docs/examples/sign-file.ts sign <key id or alias/name of an EC_P256 key> <file>    writes <file>.sig and <file>.pem
//   node docs/examples/sign-file.ts verify <file>                                           with <file>.sig and <file>.pem
import { createHash, verify } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { argv } from 'node:process'
import { call } from './keystead.ts'

async function signFile(keyId: string, file: string): Promise<void> {
  const digest = createHash('sha256')
    .update(await readFile(file))
    .digest('base64')
  const signing = {
    key_id: keyId,
    message: digest,
    message_type: 'DIGEST',
    signing_algorithm: 'ECDSA_SHA_256',
  }
  const { signature = '' } = await call('sign', signing)
  const { public_key = '' } = await call('get-publickey', { key_id: keyId })
  await writeFile(`${file}.sig`, Buffer.from(signature, 'base64'))
  await writeFile(`${file}.pem`, public_key)
}

async function verifyFile(file: string): Promise<void> {
  const [content, signature, publicKey] = await Promise.all(
    [file, `${file}.sig`, `${file}.pem`].map((name) => readFile(name)),
  )
  if (!content || !signature || !publicKey) throw new Error('a file is missing')
  const valid = verify('sha256', content, publicKey, signature)
  console.log(valid ? 'The signature is valid.' : 'The signature is NOT valid.')
  process.exitCode = valid ? 0 : 1
}

const [, , command, first = '', second = ''] = argv
await (command === 'sign' ? signFile(first, second) : verifyFile(first))
