import { existsSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { resolve } from 'node:path'
import { loadEnvFile } from 'node:process'
import { z } from 'zod'
import { StartProblem } from '#lib/start-problem.ts'

const port = z.coerce.number().int().min(1).max(65_535)
const given = z.string().min(1)

/** From the most talkative to none at all. */
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export type LogLevel = (typeof logLevels)[number]

function origin(value: string, context: z.RefinementCtx): string {
  const url = URL.parse(value)
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash) {
    return url.origin
  }
  context.addIssue({
    code: 'custom',
    message: 'must be an address like https://kms.example.com, without a path',
  })
  return z.NEVER
}

/** `north-1=North,south-1=South`: ids as they stand in addresses, and the names people see. */
function regionList(value: string, context: z.RefinementCtx): { id: string; name: string }[] {
  const regions = value.split(',').map((part) => {
    const [id = '', ...name] = part.split('=')
    return { id: id.trim(), name: name.join('=').trim() || id.trim() }
  })
  const ids = new Set(regions.map((region) => region.id))
  if (regions.every(({ id }) => /^[a-z0-9-]{1,64}$/.test(id)) && ids.size === regions.length) return regions
  context.addIssue({
    code: 'custom',
    message: 'must look like north-1=North,south-1=South, with ids of lower-case letters, digits and -',
  })
  return z.NEVER
}

const variables = z
  .object({
    PORT: port.default(3000),
    KMS_API_PORT: port.default(3001),
    HOST: given.default('127.0.0.1'),
    KMS_PUBLIC_URL: given.transform(origin).optional(),
    KMS_DATA_DIR: given.default('./data'),
    DATABASE_URL: given
      .refine((value) => /^postgres(ql)?:$/.test(URL.parse(value)?.protocol ?? ''), {
        message: 'must look like postgresql://user:password@host:5432/database',
      })
      .optional(),
    KMS_ROOT_KEY: given.optional(),
    KMS_ROOT_KEY_FILE: given.optional(),
    KMS_ADMIN_EMAIL: z.email('must be an email address').optional(),
    KMS_ADMIN_PASSWORD: given.optional(),
    KMS_ADMIN_ACCESS_KEY: given.optional(),
    KMS_ADMIN_SECRET_KEY: given.optional(),
    KMS_PROJECT_ID: given.regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits').optional(),
    KMS_REGIONS: given.default('north-1=North,south-1=South').transform(regionList),
    KMS_KEY_QUOTA: z.coerce.number().int().min(1).default(100),
    KMS_RATE_LIMITS: z.enum(['off', 'huawei']).default('off'),
    KMS_ENDPOINT_PROCESSES: z.coerce.number().int().min(1).max(64).default(1),
    KMS_LOG_LEVEL: z.enum(logLevels).default('info'),
    // In a header only visible ASCII travels safely; and what guards the numbers must not be guessed.
    KMS_METRICS_TOKEN: given
      .regex(/^[\x21-\x7e]{16,}$/, 'must be at least 16 visible ASCII characters')
      .optional(),
  })
  .refine((env) => env.PORT !== env.KMS_API_PORT, {
    path: ['KMS_API_PORT'],
    message: 'must differ from PORT',
  })
  .refine((env) => !(env.KMS_ROOT_KEY && env.KMS_ROOT_KEY_FILE), {
    path: ['KMS_ROOT_KEY'],
    message: 'and KMS_ROOT_KEY_FILE cannot both be set',
  })
  .refine((env) => Boolean(env.KMS_ADMIN_EMAIL) === Boolean(env.KMS_ADMIN_PASSWORD), {
    path: ['KMS_ADMIN_EMAIL'],
    message: 'and KMS_ADMIN_PASSWORD must be set together, or neither',
  })
  .refine((env) => Boolean(env.KMS_ADMIN_ACCESS_KEY) === Boolean(env.KMS_ADMIN_SECRET_KEY), {
    path: ['KMS_ADMIN_ACCESS_KEY'],
    message: 'and KMS_ADMIN_SECRET_KEY must be set together, or neither',
  })

/** The settings of a process; the README's table says what each is for. */
export type Environment = {
  port: number
  apiPort: number
  host: string
  /** The only origin that the console accepts, such as `https://kms.example.com`. */
  publicUrl: string
  /** The origin at which the endpoint listens. */
  endpointUrl: string
  /** Absolute. */
  dataDir: string
  databaseUrl: string | undefined
  rootKey: string | undefined
  rootKeyFile: string | undefined
  adminEmail: string | undefined
  adminPassword: string | undefined
  adminAccessKey: string | undefined
  adminSecretKey: string | undefined
  projectId: string | undefined
  /** In the order in which the console offers them; read on first start only. */
  regions: { id: string; name: string }[]
  keyQuota: number
  rateLimits: 'off' | 'huawei'
  /** How many endpoint processes share the port of the endpoint. */
  endpointProcesses: number
  logLevel: LogLevel
  /** Opens /metrics and the details of /readyz to whoever is not on this machine. */
  metricsToken: string | undefined
}

/**
 * Reads the settings; an empty variable counts as absent.
 * @throws StartProblem that names the variable and its rule, never its value.
 */
export function readEnvironment(source: Record<string, string | undefined>): Environment {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const { data: env, error } = variables.safeParse(present)
  if (error) {
    const issue = error.issues[0]
    throw new StartProblem(`${issue?.path.join('.')} ${issue?.message}: correct it and start again.`)
  }
  const host = isIPv6(env.HOST) ? `[${env.HOST}]` : env.HOST
  return {
    port: env.PORT,
    apiPort: env.KMS_API_PORT,
    host: env.HOST,
    publicUrl: env.KMS_PUBLIC_URL ?? new URL(`http://${host}:${env.PORT}`).origin,
    endpointUrl: new URL(`http://${host}:${env.KMS_API_PORT}`).origin,
    dataDir: resolve(env.KMS_DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    rootKey: env.KMS_ROOT_KEY,
    rootKeyFile: env.KMS_ROOT_KEY_FILE,
    adminEmail: env.KMS_ADMIN_EMAIL,
    adminPassword: env.KMS_ADMIN_PASSWORD,
    adminAccessKey: env.KMS_ADMIN_ACCESS_KEY,
    adminSecretKey: env.KMS_ADMIN_SECRET_KEY,
    projectId: env.KMS_PROJECT_ID,
    regions: env.KMS_REGIONS,
    keyQuota: env.KMS_KEY_QUOTA,
    rateLimits: env.KMS_RATE_LIMITS,
    endpointProcesses: env.KMS_ENDPOINT_PROCESSES,
    logLevel: env.KMS_LOG_LEVEL,
    metricsToken: env.KMS_METRICS_TOKEN,
  }
}

let own: Environment | undefined

/** The settings of this process, with those of a file `.env` beside package.json, read once. */
export function environment(): Environment {
  if (!own) {
    if (existsSync('.env')) loadEnvFile('.env')
    own = readEnvironment(process.env)
  }
  return own
}
