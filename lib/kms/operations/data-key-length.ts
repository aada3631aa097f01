import { KmsError } from '../model/errors.ts'

/** Bits of the data keys that can be asked for by name (Huawei KMS, create-datakey). */
const bitsOfSpecs: Readonly<Record<string, number>> = {
  AES_256: 256,
  AES_128: 128,
  SM4: 128,
  HMAC_256: 256,
  HMAC_384: 384,
  HMAC_512: 512,
  HMAC_SM3: 256,
}

const bitsMin = 8
const bitsMax = 8192
const bitsDefault = 256

/**
 * The length of a new data key in bytes: of the length in bits if there is one, else of the spec, else 256 bits
 * (Huawei KMS, create-datakey and error codes 1901 to 1903).
 *
 * @throws {KmsError} dataKeyLengthInvalid, dataKeyLengthUneven, dataKeySpecInvalid
 */
export function dataKeyBytes(keySpec: string | undefined, length: number | undefined): number {
  if (length !== undefined) return bytesOf(length, 'dataKeyLengthInvalid', 'dataKeyLengthUneven')
  if (keySpec === undefined) return bitsDefault / 8
  const bits = Object.hasOwn(bitsOfSpecs, keySpec) ? bitsOfSpecs[keySpec] : undefined
  if (bits === undefined) throw new KmsError('dataKeySpecInvalid', { field: 'key_spec' })
  return bits / 8
}

/**
 * The length of a random number in bytes.
 *
 * @param length in bits
 * @throws {KmsError} randomLengthInvalid, randomLengthUneven (Huawei KMS, error codes 1801 and 1802)
 */
export function randomBytesOf(length: number): number {
  return bytesOf(length, 'randomLengthInvalid', 'randomLengthUneven')
}

function bytesOf(
  bits: number,
  invalid: 'dataKeyLengthInvalid' | 'randomLengthInvalid',
  uneven: 'dataKeyLengthUneven' | 'randomLengthUneven',
): number {
  if (!Number.isInteger(bits) || bits < bitsMin || bits > bitsMax) throw new KmsError(invalid)
  if (bits % 8 !== 0) throw new KmsError(uneven)
  return bits / 8
}
