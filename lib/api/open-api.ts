import * as z from 'zod'
import type { Operation } from './operation.ts'
import { operations } from './operations/index.ts'
import { tokenRequest } from './schemas/token-request.ts'

/** A schema in the dialect of OpenAPI 3.1, JSON Schema 2020-12. */
export type JsonSchema = Record<string, unknown>

/** An Operation Object (OpenAPI 3.1), as far as it is used. */
export type DocumentedOperation = {
  operationId: string
  tags: string[]
  summary: string
  security?: Record<string, string[]>[]
  parameters?: { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema }[]
  requestBody?: { required: boolean; content: { 'application/json': { schema: JsonSchema } } }
  responses: Record<string, { description: string; content?: { 'application/json': { schema: JsonSchema } } }>
}

/** An OpenAPI Object (OpenAPI 3.1), as far as it is used; `paths` by path and then by method in lower case. */
export type OpenApiDocument = {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  tags: { name: string }[]
  security: Record<string, string[]>[]
  paths: Record<string, Record<string, DocumentedOperation>>
  components: { securitySchemes: Record<string, JsonSchema>; schemas: Record<string, JsonSchema> }
}

/** The schema of what is sent, or of what comes back, in the words of OpenAPI. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // Bytes and dates exist only behind the door; what travels is text and numbers, which io `input` describes.
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return json
}

const content = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } })

const failure = {
  description: 'Refused; error_code says why.',
  ...content({ $ref: '#/components/schemas/Error' }),
}

const notSigned = {
  description: 'The caller is not known.',
  ...content({ $ref: '#/components/schemas/GatewayError' }),
}

const idSchema: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{32}$', description: 'Id of a project.' }

function documented(operation: Operation): DocumentedOperation {
  const { params, query, body, result } = operation
  const parameters = [
    { name: 'project_id', in: 'path' as const, required: true, schema: idSchema },
    ...[...operation.path.matchAll(/\{(\w+)\}/g)]
      .flatMap(([, name = '']) => (name === 'project_id' ? [] : [name]))
      .map((name) => ({
        name,
        in: 'path' as const,
        required: true,
        schema: params?.shape[name]
          ? jsonSchema(params.shape[name] as z.ZodType, 'input')
          : { type: 'string' },
      })),
    ...(query ? queryParameters(query) : []),
  ]
  return {
    operationId: operation.id,
    tags: [operation.group],
    summary: operation.summary,
    parameters,
    ...(body ? { requestBody: { required: true, ...content(jsonSchema(body, 'input')) } } : {}),
    responses: {
      ...(operation.group === 'Not supported'
        ? {}
        : result
          ? { 200: { description: 'Done.', ...content(jsonSchema(result, 'output')) } }
          : { 204: { description: 'Done.' } }),
      401: notSigned,
      default: failure,
    },
  }
}

function queryParameters(schema: z.ZodObject) {
  return Object.entries<z.ZodType>(schema.shape).map(([name, field]) => ({
    name,
    in: 'query' as const,
    required: !field.safeParse(undefined).success,
    schema: jsonSchema(field, 'input'),
  }))
}

const lookUps: [string, string, string][] = [
  ['/v3/projects', 'KeystoneListProjects', 'List projects, or the one of a name'],
  ['/v3/auth/projects', 'KeystoneListAuthProjects', 'List projects'],
  ['/v3/auth/domains', 'KeystoneListAuthDomains', 'Read the account'],
  ['/v3/auth/catalog', 'KeystoneShowCatalog', 'Read where the endpoint is'],
  ['/v3/regions', 'KeystoneListRegions', 'List regions'],
]

const identity = 'Identity'

function identityPaths(): OpenApiDocument['paths'] {
  const object = content({ type: 'object' })
  const tokens: DocumentedOperation = {
    operationId: 'KeystoneCreateUserTokenByPassword',
    tags: [identity],
    summary: 'Get a token for a password',
    security: [],
    requestBody: { required: true, ...content(jsonSchema(tokenRequest, 'input')) },
    responses: {
      201: { description: 'The token is in the header X-Subject-Token and good for 24 hours.', ...object },
      default: failure,
    },
  }
  const gets = lookUps.map(([path, operationId, summary]): [string, Record<string, DocumentedOperation>] => [
    path,
    {
      get: {
        operationId,
        tags: [identity],
        summary,
        ...(path === '/v3/projects'
          ? { parameters: [{ name: 'name', in: 'query', required: false, schema: { type: 'string' } }] }
          : {}),
        responses: { 200: { description: 'Done.', ...object }, 401: notSigned, default: failure },
      },
    },
  ])
  return { '/v3/auth/tokens': { post: tokens }, ...Object.fromEntries(gets) }
}

const error = z.object({
  error: z.object({ error_code: z.string().meta({ examples: ['KMS.0207'] }), error_msg: z.string() }),
})

const gatewayError = z.object({
  error_code: z.string().meta({ examples: ['APIGW.0301'] }),
  error_msg: z.string(),
  request_id: z.string(),
})

/** The API as an OpenAPI 3.1 document, from the schemas that requests and answers are held against. */
export function openApiDocument(endpointUrl: string): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {}
  for (const operation of operations) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: documented(operation),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Keystead',
      version: '1.0',
      description: 'Key management by the API of Huawei Cloud KMS, v1.0 and v2.',
    },
    servers: [{ url: endpointUrl }],
    tags: [...new Set([...operations.map(({ group }) => group), identity])].map((name) => ({ name })),
    security: [{ signature: [] }, { token: [] }],
    paths: { ...paths, ...identityPaths() },
    components: {
      securitySchemes: {
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'SDK-HMAC-SHA256 Access=<access key>, SignedHeaders=<names>, Signature=<hex>',
        },
        token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
      },
      schemas: { Error: jsonSchema(error, 'output'), GatewayError: jsonSchema(gatewayError, 'output') },
    },
  }
}
