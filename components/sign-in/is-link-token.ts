import { linkToken } from '#lib/kms/model/inputs/credentials.ts'

/** Whether a fragment has the form of a link's secret. */
export function isLinkToken(fragment: string): boolean {
  return linkToken.safeParse(fragment).success
}
