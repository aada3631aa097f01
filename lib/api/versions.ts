import type { FastifyInstance } from 'fastify'
import { KmsError } from '#lib/kms/model/errors.ts'
import { errorAnswer } from './error-body.ts'
import { giveAnswer } from './requests.ts'

const versions = [
  {
    id: 'v1.0',
    links: [{ href: '/v1.0/', rel: 'self' }],
    version: '',
    status: 'CURRENT',
    updated: '2016-10-29T00:00:00Z',
    min_version: '',
  },
]

/** What versions of the API there are (Huawei KMS, query API versions); no signature is needed. */
export function addVersions(endpoint: FastifyInstance): void {
  endpoint.get('/', () => ({ versions }))
  endpoint.get<{ Params: { version_id: string } }>('/:version_id', (request, reply) => {
    const version = versions.find(({ id }) => id === request.params.version_id)
    if (version) return { version }
    const message = `No such path: GET /${request.params.version_id}`
    return giveAnswer(reply, errorAnswer(new KmsError('pathNotFound', { message }), request.id))
  })
}
