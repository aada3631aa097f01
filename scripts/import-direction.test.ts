import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { wrongImports } from './import-direction.ts'

test.each([
  ['lib/kms/keys/create-key.ts', `import { headers } from 'next/headers'`, 'package next/headers'],
  ['lib/kms/keys/create-key.ts', `import type { FC } from 'react'`, 'package react'],
  ['lib/kms/keys/create-key.ts', `import { a } from '#lib/auth/context.ts'`, 'lib/auth/context.ts'],
  ['lib/kms/keys/create-key.ts', `import { a } from '../../auth/context.ts'`, 'lib/auth/context.ts'],
  ['lib/kms/keys/create-key.ts', `const a = await import('#lib/auth/context.ts')`, 'lib/auth/context.ts'],
  ['lib/kms/keys/create-key.ts', `export * from '#lib/auth/context.ts'`, 'lib/auth/context.ts'],
  ['lib/kms/model/key-spec.ts', `import { a } from '../keys/create-key.ts'`, 'lib/kms/keys/create-key.ts'],
  ['lib/db/client.ts', `import { a } from '#lib/kms/context.ts'`, 'lib/kms/context.ts'],
  ['lib/api/routes.ts', `import { a } from '#lib/actions/keys.ts'`, 'lib/actions/keys.ts'],
  ['components/keys/list.tsx', `import { a } from '#lib/kms/keys/list-keys.ts'`, 'lib/kms/keys/list-keys.ts'],
  ['components/keys/list.tsx', `import { a } from '#app/layout.tsx'`, 'app/layout.tsx'],
  ['app/keys/page.tsx', `import { a } from '#lib/db/client.ts'`, 'lib/db/client.ts'],
])('%s: %s points the wrong way', (path, source, named) => {
  expect(wrongImports(path, source)).toEqual([expect.stringContaining(named)])
})

test.each([
  ['lib/kms/keys/create-key.ts', `import { a } from '#lib/db/client.ts'\nimport { z } from 'zod'`],
  ['components/keys/list.tsx', `import { a } from '#lib/kms/model/key-state.ts'\nimport 'react'`],
  [
    'app/keys/page.tsx',
    `import { a } from '#lib/queries/keys.ts'\nimport { b } from '#components/ui/button.tsx'`,
  ],
])('%s: %s points the right way', (path, source) => {
  expect(wrongImports(path, source)).toEqual([])
})

test('the check fails on a planted import', async () => {
  const root = await mkdtemp(join(tmpdir(), 'planted-'))
  const planted = join(root, 'lib/kms/keys/planted.ts')
  await mkdir(dirname(planted), { recursive: true })
  await writeFile(planted, `import { cookies } from 'next/headers'\n`)
  const check = (): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ['scripts/check-imports.ts', root], { encoding: 'utf8' })
  const failed = check()
  expect(failed.status).toBe(1)
  expect(failed.stderr).toContain('lib/kms/keys/planted.ts: lib/kms must not import the package next/headers')
  await writeFile(planted, '')
  expect(check().status).toBe(0)
  await rm(root, { recursive: true })
})
