import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core/auth/BasicCredentials.js'
import { ClientBuilder } from '@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js'
import type { HcClient } from '@huaweicloud/huaweicloud-sdk-core/HcClient.js'
import { Logger4jInstance } from '@huaweicloud/huaweicloud-sdk-core/logger/log4jLogger.js'

export type Call = {
  method?: string
  /** With `{project_id}` and `{name}` places, as the product's own clients write it. */
  url: string
  data?: object
  path?: Record<string, string>
  query?: Record<string, unknown>
}

/** What the client makes of an answer: the body with `httpStatusCode` added. */
export type Got = Record<string, unknown> & { httpStatusCode: number }

/** The product's own client, with its own signatures; the KMS client on top of it is only a table of addresses. */
export type RealClient = { call: (call: Call) => Promise<Got> }

export type Credentials = { id: string; secret: string; projectId?: string }

// It prints every refused request with its headers.
Logger4jInstance.level = 'off'

// Without an agent of one's own the client writes a file into the home folder.
const userAgent = { customUserAgent: 'keystead-tests' }

export function realClient(endpoint: string, { id, secret, projectId }: Credentials): RealClient {
  const credentials = new BasicCredentials().withAk(id).withSk(secret)
  if (projectId !== undefined) credentials.withProjectId(projectId)
  const client = new ClientBuilder((built: HcClient) => built)
    .withCredential(credentials)
    .withEndpoint(endpoint)
    .withOptions(userAgent)
    .build() as HcClient
  return {
    call: ({ method = 'POST', url, data, path = {}, query = {} }) =>
      client.sendRequest({
        method,
        url,
        contentType: 'application/json;charset=UTF-8',
        queryParams: query,
        pathParams: path,
        headers: {},
        // As the product's generated clients do, with a GET too.
        data: data ?? {},
      }) as Promise<Got>,
  }
}
