import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { issueToken } from '#lib/auth/issue-token.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { principalOf } from '#lib/kms/operations/find-grant.ts'
import { listProjects } from '#lib/kms/projects/list-projects.ts'
import { listRegions } from '#lib/kms/projects/list-regions.ts'
import { readDomain } from '#lib/kms/projects/read-domain.ts'
import { answered, contextOf, knownCaller, type Services } from './answer-operation.ts'
import { authenticate } from './authenticate.ts'
import type { Answer } from './error-body.ts'
import type { Observer } from './observer.ts'
import { readJsonObject } from './read-input.ts'
import { giveAnswer, receivedRequest } from './requests.ts'
import { tokenRequest } from './schemas/token-request.ts'
import { type Gate, turnAway } from './turn-away.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Where programs reach this endpoint, such as `https://kms.example.com`; told in the catalog. */
type IamOptions = Services & { endpointUrl: string; admission?: Gate }

/**
 * The few calls to the identity service with which clients begin: a token for a password, and the look-ups that turn a
 * region into a project. Point the clients' IAM endpoint at this one. Source: Huawei Cloud IAM, and what the SDKs and
 * Terraform ask for.
 */
export function addIam(endpoint: FastifyInstance, options: IamOptions, observer: Observer): void {
  // Each asks the database, and none needs a signature to get so far: together they could take every connection from those
  // who disable a key.
  const add = (method: 'GET' | 'POST', url: string, handle: Handler): void => {
    const gate = { id: `${method} ${url}`, writes: false }
    endpoint.route({
      method,
      url,
      onRequest: (request, reply, done) => {
        if (options.admission?.admits(gate) !== false) done()
        else void turnAway(request, reply, { observer, operationId: gate.id })
      },
      handler: async (request, reply) => {
        options.admission?.begun(gate)
        return handle(request, reply).finally(() => options.admission?.ended(gate))
      },
    })
  }
  add('POST', '/v3/auth/tokens', (request, reply) => giveToken(options, request, reply, observer))

  const lookUp = (
    path: string,
    read: (ctx: KmsContext, query: Record<string, string>) => Promise<object>,
  ): void => {
    add('GET', path, async (request, reply) => {
      const received = receivedRequest(request)
      const call = observer.begun(`GET ${path}`, received)
      const answer = await answered(request.id, call, async () => {
        const caller = await authenticate(options, received)
        call.known(knownCaller(caller))
        const ctx = contextOf(options, caller, received)
        return { status: 200, body: JSON.stringify(await read(ctx, received.query)) }
      })
      call.ended(answer)
      return giveAnswer(reply, answer)
    })
  }

  const projects = async (ctx: KmsContext, { name }: Record<string, string>): Promise<object> => {
    const all = await listProjects(ctx)
    const wanted = all.filter((project) => name === undefined || project.name === name)
    return { projects: wanted.map(projectBody), links: links('projects') }
  }
  lookUp('/v3/projects', projects)
  lookUp('/v3/auth/projects', projects)
  lookUp('/v3/auth/domains', async (ctx) => ({
    domains: [{ ...(await readDomain(ctx)), description: '', enabled: true, links: links('domains') }],
    links: links('auth/domains'),
  }))
  lookUp('/v3/regions', async (ctx) => ({
    regions: (await listRegions(ctx)).map(({ id, name }) => ({
      id,
      type: 'public',
      description: name,
      locales: { 'en-us': name, 'zh-cn': name },
      links: links(`regions/${id}`),
    })),
    links: links('regions'),
  }))
  lookUp('/v3/auth/catalog', async (ctx) => ({
    catalog: catalogOf(await listProjects(ctx), options.endpointUrl),
    links: links('auth/catalog'),
  }))
}

async function giveToken(
  options: IamOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  observer: Observer,
): Promise<FastifyReply> {
  const received = receivedRequest(request)
  const call = observer.begun('POST /v3/auth/tokens', received)
  const answer = await answered(request.id, call, async (): Promise<Answer> => {
    const parsed = tokenRequest.safeParse(readJsonObject(received.body, received.contentType))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      // A name that is no email is nobody's: it gets the answer of an unknown one, without being looked up.
      if (issue?.path.at(-1) === 'name' && issue.path.includes('user'))
        throw new KmsError('credentialsInvalid')
      const message = `${issue?.path.join('.')} is not valid: ${issue?.message}`
      throw new KmsError('invalidInput', { message })
    }
    const { identity, scope } = parsed.data.auth
    const { name, password, domain } = identity.password.user
    const grant = await issueToken(
      options,
      { email: name, password, domain, project: scope.project },
      received,
    )
    const { credential, project } = grant
    call.known({ userId: credential.user.userId, accessKeyId: null })
    const body = {
      token: {
        methods: ['password'],
        issued_at: grant.issuedAt.toISOString(),
        expires_at: grant.expiresAt.toISOString(),
        user: {
          id: principalOf(credential.user.userId),
          name: credential.user.name,
          domain: credential.domain,
        },
        project: { id: project.id, name: project.name, domain: credential.domain },
        roles: [],
        catalog: catalogOf([project], options.endpointUrl),
      },
    }
    return { status: 201, body: JSON.stringify(body), headers: { 'x-subject-token': grant.token } }
  })
  call.ended(answer)
  return giveAnswer(reply, { ...answer, headers: { 'cache-control': 'no-store', ...answer.headers } })
}

type Project = Awaited<ReturnType<typeof listProjects>>[number]

const projectBody = ({ id, name, domainId }: Project) => ({
  id,
  name,
  domain_id: domainId,
  parent_id: domainId,
  is_domain: false,
  enabled: true,
  description: '',
  links: links(`projects/${id}`),
})

const links = (path: string) => ({ self: `/v3/${path}` })

const catalogOf = (projects: readonly Project[], url: string) => [
  {
    id: 'kms',
    type: 'kms',
    name: 'kms',
    endpoints: projects.map((project) => ({
      id: project.id,
      interface: 'public',
      region: project.regionId,
      region_id: project.regionId,
      url: `${url}/v1.0/${project.id}`,
    })),
  },
]
