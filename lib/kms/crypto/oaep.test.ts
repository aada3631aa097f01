import { constants, createPrivateKey, createPublicKey, publicEncrypt } from 'node:crypto'
import { expect, test } from 'vitest'
import { DecryptionFailed } from './decryption-failed.ts'
import { decryptOaep, encryptOaep, oaepBytesMax } from './oaep.ts'

/** The key of the Wycheproof vectors for RSAES-OAEP, 2048 bits. */
const privateKey = createPrivateKey(`-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAorRRoH0KpfluRVZxUTVQUUqKW0YuvvcXCU+h/ugiJOY3+XRt
P3yv0xh42AMltu9aFwD2WQO0aUKeidbqyIRQl7WrOTGJ25JRLtincRoSU/rNIPec
Fegkfz0+QuRuSMmOJUov6XZTE6A+/48X4aApOXofomqNzib0kO2BKZYV2YFMItph
BCjgnH2WWFlCZvXAIdD87KCNlFoSvoLeTR7Oa0wDFFtdNJXU7VQR64eNrwX9evw+
Ca2g8RJkIvWQl1oZaYFvSGmLy7obTZyuedRg2Pn4Xnl1AF2bwixOWsD3waRdElaa
YoB9O5oC5aUw53MGb0U9H1tMLpz3ggKD90K51QIDAQABAoIBACTNxiMX9dcqb2um
zJYyiZsB0f8ohn1y9haImVvIVaTkIKhAUlAIm9sTz44JVDgnt0i50n+7K02eIK+M
WmqGJ5bRpMwYrRbqZ4vBvUqDu76cXldFO1znOI5Bo7pM4rd7RDiiKelU9yDa4DU9
wIisinaybcJ2+OG3hR3dY5itFv8ueBlRI7mwNulFw4ydEkNPbfdv4iNZ6z4aycAR
Z4/JJvrTrkdaT///Vf6y0UfpyJT0wOKaWZ52JGJILZaL9CeAlF/A0sMcVzxEMbj0
/ouMZ77IFavUT3qG7cocIwhzc1jSwq5eLg4trfcwmAJiN35YsTt9mZIGCgvIcMz9
tKkxnuECgYEA3EMQUPeC6JT7UkgkfZjLfVi40eJPO1XQQcVuTeCGsNW7AovaQu61
0jTVaB5YCdQV5qKJrUz794+Xj2w1gU9Q7r/xxbgKafeI6B5rq13ap4Np1lnRQ+xv
F+eYE6V1z62cVpFWuQET4ukRCtnntIock0im5lMyEZEpDqNs+zpbGPECgYEAvRqB
55d/mJgSInOuMiK1mOpfsZ606rw4MIpeMhlmA7LlAP+3n1uIaBZhHevEcvrEVUQH
C+sFfJQTeKaGivO3oD0/mIDsR9XgiblPveVCq6mujXLFcIjXq/WxMfOQmPe8Fg+Q
U2q8lJL9Tgbz7XKZ1Ll7sDZ3IH2VZp8UDPvCDyUCgYEAqUtSiyjykVmRIdkZUv/R
x/IdfBR52Z1HiIX7Fhhw7hIYvwhHJhLb5Ul+jZxlBojgnHhpYa4+LDVNxIrjRRR1
nEwjxFiEiJYdwGtBTmHA4ef7vSkj0xUy/iifltoiBxHljBQBmAjgBBQnaTO7B+Tv
ubSps3ZWkXIFIJ8z8JUV18ECgYA68OcqkzrvCf8lA994uv7VMcAv8aK8Q3xUDNy9
StNUNc9RF2NZZUNIBimxFMp/eA/376MuoMtuAA1tnqHy73H9nPmUhCKhZVV+N+dV
7f5w2QuSBQLrR4vJimP3iM46D4Vtbt5yUaODv6j6SAqBqSWvezzFOMS6uMn3WX/7
aAEdjQKBgCZA+/vP77Fj7nqHtkg6Zu5B+VbZD6ink5v8BC7gkksbeZPQRF91jVGT
PoUXnAMgsMlotIqRw4tb6SPhCXwMVi+I1CKUtqJ1m6+lQop08ScIdORfb8xg8hYC
3l7M0UPPMSQfWSG1rTmD+1TvF747KFNn5QyZnGcke1Uv5L/OlF97
-----END RSA PRIVATE KEY-----`)
const publicKey = createPublicKey(privateKey)
const none = new Uint8Array()

test('Wycheproof rsa_oaep_2048_sha256_mgf1sha256, test 4', async () => {
  const ciphertext = Buffer.from(
    `0da290b0bf71a1141b2adc62b5b42b07fc52520cb05d1f39ccca7b7c22d379a6c2f2d93143d057050140527a1e563824
     3938b531ec3de7014b0151301e49b9fa433482a02abdfd94193dc9c70157e557776a69ded01ecbeac405133595c61165
     a428b6284729a4746b47d2bbaca9d7432c3b5693591cfee488eb3c68ddb6cde0dd61cfc6952423f994abecee34f56837
     32b29934a2c498ad48cdd30c149177189f48eefd9cc7232df18be11ff5f7e3af7319e3115997c599e2d8f7f4f663dcc4
     0032d403436d3058a5ea66473660f0e195281ec6eba997d2a951ca6ca5f3c112715c89da1d3dfb20a21940594ed10ade
     90ed7452b753757d7241cb8a803c373a`.replaceAll(/\s/g, ''),
    'hex',
  )
  expect(await decryptOaep(privateKey, 'sha256', ciphertext, none)).toEqual(Buffer.from('123400'))
})

test.each(['sha256', 'sha1'] as const)(
  '%s: what Node encrypts is decrypted, up to the limit and not beyond',
  async (hash) => {
    const max = oaepBytesMax(publicKey, hash)
    expect(max).toBe(hash === 'sha256' ? 190 : 214)
    for (const length of [0, 1, max]) {
      const plaintext = Buffer.alloc(length, 3)
      for (const label of [none, Buffer.from('label')]) {
        const ours = encryptOaep(publicKey, hash, plaintext, label)
        expect(await decryptOaep(privateKey, hash, ours, label)).toEqual(plaintext)
        const theirs = publicEncrypt(
          { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash, oaepLabel: label },
          plaintext,
        )
        expect(await decryptOaep(privateKey, hash, theirs, label)).toEqual(plaintext)
      }
    }
    expect(() => encryptOaep(publicKey, hash, Buffer.alloc(max + 1), none)).toThrow()
  },
)

test('a ciphertext without the zero byte it begins with is another one', async () => {
  const plaintext = Buffer.from('plaintext')
  // One in some 200 begins so; it is the same number as the one that is too short, or too long.
  let sealed = encryptOaep(publicKey, 'sha256', plaintext, none)
  while (sealed[0] !== 0) sealed = encryptOaep(publicKey, 'sha256', plaintext, none)
  expect(await decryptOaep(privateKey, 'sha256', sealed, none)).toEqual(plaintext)
  for (const other of [sealed.subarray(1), Buffer.concat([Buffer.of(0), sealed])])
    await expect(decryptOaep(privateKey, 'sha256', other, none)).rejects.toEqual(new DecryptionFailed())
})

test('everything that cannot be decrypted fails alike', async () => {
  const plaintext = Buffer.from('plaintext')
  const sealed = encryptOaep(publicKey, 'sha256', plaintext, none)
  const pkcs1 = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, plaintext)
  const others: [Uint8Array, 'sha256' | 'sha1', Uint8Array][] = [
    [sealed, 'sha256', Buffer.from('label')],
    [sealed, 'sha1', none],
    [encryptOaep(publicKey, 'sha256', plaintext, Buffer.from('label')), 'sha256', none],
    [pkcs1, 'sha256', none],
    [sealed.subarray(1), 'sha256', none],
    [Buffer.concat([sealed, Buffer.of(0)]), 'sha256', none],
    [Buffer.alloc(256, 0xff), 'sha256', none],
    [Buffer.alloc(256), 'sha256', none],
    [none, 'sha256', none],
  ]
  for (const [ciphertext, hash, label] of others) {
    await expect(decryptOaep(privateKey, hash, ciphertext, label)).rejects.toEqual(new DecryptionFailed())
  }
  for (let bit = 0; bit < 2048; bit += 13) {
    const changed = Buffer.from(sealed)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    await expect(decryptOaep(privateKey, 'sha256', changed, none)).rejects.toEqual(new DecryptionFailed())
  }
})
