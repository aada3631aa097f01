import { KmsError } from '#lib/kms/model/errors.ts'

/**
 * Lets only requests of the console's own pages pass: `Origin` must be there and be the public URL, and
 * `Sec-Fetch-Site`, which every browser of today sends, must be `same-origin` where it is there. Next's own check lets
 * a missing Origin pass and believes X-Forwarded-Host.
 *
 * @throws {KmsError} foreignOrigin
 */
export function refuseForeignOrigin(headers: Headers, publicUrl: string): void {
  const site = headers.get('sec-fetch-site')
  if (headers.get('origin') === publicUrl && (site === null || site === 'same-origin')) return
  throw new KmsError('foreignOrigin', { values: { publicUrl } })
}
