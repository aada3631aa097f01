// Envelope encryption: the file is encrypted here with a data key of its own, which travels with it, encrypted by
// Keystead. Whoever may not use the key in Keystead cannot open the file; disabling the key shuts every such file.
//
//   node docs/examples/encrypt-file.ts encrypt <key id or alias/name> <file>    writes <file>.sealed
//   node docs/examples/encrypt-file.ts decrypt <file>.sealed                    writes <file>
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { argv } from 'node:process'
import { call } from './keystead.ts'

async function encrypt(keyId: string, file: string): Promise<void> {
  const dataKey = await call('create-datakey', { key_id: keyId, key_spec: 'AES_256' })
  const key = Buffer.from(dataKey.plain_text ?? '', 'hex')
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const sealed = Buffer.concat([cipher.update(await readFile(file)), cipher.final()])
  key.fill(0)
  const envelope = {
    key_id: dataKey.key_id,
    data_key: dataKey.cipher_text,
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    sealed: sealed.toString('base64'),
  }
  await writeFile(`${file}.sealed`, JSON.stringify(envelope))
}

async function decrypt(file: string): Promise<void> {
  const envelope = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  const { key_id, data_key: cipher_text, iv = '', tag = '', sealed = '' } = envelope
  const opened = await call('decrypt-datakey', { key_id, cipher_text, datakey_cipher_length: '32' })
  const key = Buffer.from(opened.data_key ?? '', 'hex')
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'))
  decipher.setAuthTag(Buffer.from(tag, 'base64'))
  const plain = Buffer.concat([decipher.update(sealed, 'base64'), decipher.final()])
  key.fill(0)
  await writeFile(file.replace(/\.sealed$/, ''), plain)
}

const [, , command, first = '', second = ''] = argv
await (command === 'encrypt' ? encrypt(first, second) : decrypt(first))
