import { createHash, createHmac } from 'node:crypto'
import { env } from 'node:process'

const endpoint = env.KEYSTEAD_ENDPOINT ?? 'http://127.0.0.1:3001'
const { KEYSTEAD_PROJECT: project, KEYSTEAD_ACCESS_KEY: accessKey, KEYSTEAD_SECRET_KEY: secretKey } = env

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * Calls one operation of the API, signed with an access key (SDK-HMAC-SHA256). Any SDK of Huawei Cloud does the same;
 * this shows that nothing more is needed than a hash.
 */
export async function call(operation: string, body: object): Promise<Record<string, string>> {
  if (!project || !accessKey || !secretKey)
    throw new Error('Set KEYSTEAD_PROJECT, KEYSTEAD_ACCESS_KEY and KEYSTEAD_SECRET_KEY.')
  const url = new URL(`/v1.0/${project}/kms/${operation}`, endpoint)
  const text = JSON.stringify(body)
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const signed = 'content-type;host;x-sdk-date'
  const headers = `content-type:application/json\nhost:${url.host}\nx-sdk-date:${date}\n`
  const request = ['POST', `${url.pathname}/`, '', headers, signed, sha256(text)].join('\n')
  const toSign = ['SDK-HMAC-SHA256', date, sha256(request)].join('\n')
  const signature = createHmac('sha256', secretKey).update(toSign).digest('hex')
  const answer = await fetch(url, {
    method: 'POST',
    body: text,
    headers: {
      'content-type': 'application/json',
      'x-sdk-date': date,
      authorization: `SDK-HMAC-SHA256 Access=${accessKey}, SignedHeaders=${signed}, Signature=${signature}`,
    },
  })
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, string>
}
