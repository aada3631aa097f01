import { startProduct, temporaryDataFolder } from '../scripts/testing/start-product.ts'
import { administrator } from './administrator.ts'

/**
 * Starts a production build of console and endpoint on a data folder of its own. KEYSTEAD_E2E_PORT and
 * KEYSTEAD_E2E_API_PORT were chosen by playwright.config.ts, so that every worker knows the address. The tests find
 * the database and the root key under KEYSTEAD_E2E_DATA_DIR; when that is set beforehand, together with the ports, the
 * product runs already and is used as it is.
 */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.KEYSTEAD_E2E_DATA_DIR) return async () => undefined
  const data = await temporaryDataFolder()
  process.env.KEYSTEAD_E2E_DATA_DIR = data.path
  const product = await startProduct({
    KMS_DATA_DIR: data.path,
    KMS_ADMIN_EMAIL: administrator.email,
    KMS_ADMIN_PASSWORD: administrator.password,
    PORT: process.env.KEYSTEAD_E2E_PORT ?? '',
    KMS_API_PORT: process.env.KEYSTEAD_E2E_API_PORT ?? '',
  })
  await product.untilPrinted('Keystead is running.')
  return async () => {
    await product.stop()
    await data[Symbol.asyncDispose]()
  }
}
