import { expect, test } from 'vitest'
import { readEnvironment } from './env.ts'

test('the defaults are those of the README', () => {
  expect(readEnvironment({})).toMatchObject({
    port: 3000,
    apiPort: 3001,
    host: '127.0.0.1',
    publicUrl: 'http://127.0.0.1:3000',
    endpointUrl: 'http://127.0.0.1:3001',
    dataDir: `${process.cwd()}/data`,
    databaseUrl: undefined,
    keyQuota: 100,
    rateLimits: 'off',
    endpointProcesses: 1,
    logLevel: 'info',
    metricsToken: undefined,
  })
})

test('an empty variable counts as absent', () => {
  expect(readEnvironment({ PORT: '', DATABASE_URL: '' })).toMatchObject({
    port: 3000,
    databaseUrl: undefined,
  })
})

test('the public address is an origin', () => {
  expect(readEnvironment({ KMS_PUBLIC_URL: 'https://KMS.example.com/' }).publicUrl).toBe(
    'https://kms.example.com',
  )
  expect(readEnvironment({ HOST: '::1' }).publicUrl).toBe('http://[::1]:3000')
})

test.each([
  [{ PORT: '0' }, 'PORT'],
  [{ PORT: '３０００' }, 'PORT'],
  [{ KMS_API_PORT: '3000' }, 'KMS_API_PORT must differ from PORT'],
  [{ KMS_PUBLIC_URL: 'https://kms.example.com/path' }, 'KMS_PUBLIC_URL must be an address'],
  [{ DATABASE_URL: 'mysql://db' }, 'DATABASE_URL must look like'],
  [{ KMS_ROOT_KEY: 'a', KMS_ROOT_KEY_FILE: 'b' }, 'KMS_ROOT_KEY and KMS_ROOT_KEY_FILE cannot both be set'],
  [{ KMS_ADMIN_EMAIL: 'a@example.com' }, 'KMS_ADMIN_EMAIL and KMS_ADMIN_PASSWORD must be set together'],
  [{ KMS_PROJECT_ID: 'A'.repeat(32) }, 'KMS_PROJECT_ID must be 32 hexadecimal digits'],
  [{ KMS_KEY_QUOTA: '0' }, 'KMS_KEY_QUOTA'],
  [{ KMS_RATE_LIMITS: 'on' }, 'KMS_RATE_LIMITS'],
  [{ KMS_ENDPOINT_PROCESSES: '0' }, 'KMS_ENDPOINT_PROCESSES'],
  [{ KMS_ENDPOINT_PROCESSES: '1.5' }, 'KMS_ENDPOINT_PROCESSES'],
  [{ KMS_LOG_LEVEL: 'loud' }, 'KMS_LOG_LEVEL'],
  [{ KMS_METRICS_TOKEN: 'short' }, 'KMS_METRICS_TOKEN must be at least 16'],
  [{ KMS_METRICS_TOKEN: 'with a blank in it, which headers lose' }, 'KMS_METRICS_TOKEN'],
])('%o is refused by name', (source, message) => {
  expect(() => readEnvironment(source)).toThrow(message)
})

test('a refusal does not repeat the value', () => {
  expect(() => readEnvironment({ DATABASE_URL: 'mysql://user:hunter2@db' })).not.toThrow('hunter2')
  expect(() => readEnvironment({ KMS_METRICS_TOKEN: 'hunter2' })).not.toThrow('hunter2')
})
