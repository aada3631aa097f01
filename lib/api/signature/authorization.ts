/** What the `Authorization` header of a signed request says (Huawei Cloud, AK/SK signature). */
export type SignatureClaim = {
  accessKeyId: string
  /** Lower-case names in the order in which the header lists them. */
  signedHeaders: string[]
  /** 32 bytes. */
  signature: Buffer
}

const form =
  /^SDK-HMAC-SHA256 Access=([^\s,]{1,256}), *SignedHeaders=([^\s,]{1,4096}), *Signature=([0-9a-f]{64})$/

/** Reads `SDK-HMAC-SHA256 Access=…, SignedHeaders=a;b, Signature=<hex>`; null for anything else. */
export function readAuthorization(header: string): SignatureClaim | null {
  const [, accessKeyId, names, signature] = form.exec(header) ?? []
  if (accessKeyId === undefined || names === undefined || signature === undefined) return null
  return {
    accessKeyId,
    signedHeaders: names.toLowerCase().split(';'),
    signature: Buffer.from(signature, 'hex'),
  }
}
