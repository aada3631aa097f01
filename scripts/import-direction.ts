import { glob, readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import { parseSync } from 'oxc-parser'

type Rule = {
  /** Files and folders that this layer may import from, besides itself. */
  from: string[]
  /** Packages that it must not know; a name stands for its subpaths too. */
  not?: string[]
}

const WEB = ['next', 'react', 'react-dom', 'fastify', 'better-auth', 'server-only']
const SHARED = ['lib/start-problem.ts', 'lib/log.ts']
const KMS = ['lib/kms', 'lib/db', ...SHARED]
/** What addresses say, read on the server and made in the browser. */
const ADDRESSES = ['lib/routes.ts', 'lib/key-list-url.ts', 'lib/change-url.ts']

/**
 * Which way imports point: app → components, queries, actions → auth → kms → db; api and jobs → kms. The longest folder
 * that holds a file is its layer. What is named nowhere (scripts, tests of the whole) may import everything.
 */
const RULES: Record<string, Rule> = {
  'lib/db': { from: [...SHARED], not: WEB },
  'lib/kms': { from: KMS, not: WEB },
  'lib/kms/model': { from: ['lib/start-problem.ts'], not: [...WEB, 'pg', '@prisma/client'] },
  'lib/kms/crypto': { from: ['lib/kms/model'], not: [...WEB, 'pg', '@prisma/client'] },
  'lib/format': { from: [], not: WEB },
  'lib/jobs': { from: ['lib/kms', 'lib/db', ...SHARED], not: WEB },
  'lib/api': {
    from: [...KMS, 'lib/auth', 'lib/env.ts'],
    not: WEB.filter((name) => name !== 'fastify'),
  },
  'lib/auth': { from: [...KMS, 'lib/env.ts', 'lib/routes.ts'], not: ['fastify'] },
  'lib/queries': {
    from: [...KMS, 'lib/auth', 'lib/env.ts', 'lib/format', ...ADDRESSES],
    not: ['fastify'],
  },
  'lib/actions': { from: [...KMS, 'lib/auth', 'lib/env.ts', 'lib/routes.ts'], not: ['fastify'] },
  components: {
    from: ['lib/kms/model', 'lib/actions', ...ADDRESSES, 'lib/format'],
    not: ['pg', '@prisma/client', 'fastify', 'better-auth'],
  },
  app: { from: ['components', 'lib'], not: ['pg', '@prisma/client', 'fastify'] },
}

/** Folders of `app`'s own below lib that it must pass by: a page reads and acts through queries and actions. */
const APP_NEVER = ['lib/db', 'lib/api', 'lib/jobs']

const isUnder = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

const layerOf = (path: string): string | undefined =>
  Object.keys(RULES)
    .filter((folder) => isUnder(path, folder))
    .sort((a, b) => b.length - a.length)[0]

/** The project file that a specifier leads to, or null for a package. */
function target(from: string, specifier: string): string | null {
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  return null
}

function specifiers(path: string, source: string): string[] {
  const { module, errors } = parseSync(path, source)
  // A file that cannot be read must not pass as one without imports.
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`)
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
    source.slice(start, end).replace(/^['"`]|['"`]$/g, ''),
  )
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest }) => (moduleRequest ? [moduleRequest.value] : [])),
  )
  return [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...dynamic, ...exported]
}

/** What of one file's imports points the wrong way, each as one line. */
export function wrongImports(path: string, source: string): string[] {
  const layer = layerOf(path)
  const rule = layer && RULES[layer]
  if (!layer || !rule) return []
  const isTest = /\.test\.tsx?$|\/testing\//.test(path)
  return specifiers(path, source).flatMap((specifier) => {
    const file = target(path, specifier)
    if (file === null) {
      const name = rule.not?.find((forbidden) => isUnder(specifier, forbidden))
      return name ? [`${path}: ${layer} must not import the package ${specifier}`] : []
    }
    // Tests may set the scene with whatever the product has.
    if (isTest || layerOf(file) === layer || isUnder(file, layer)) return []
    const allowed = rule.from.some((folder) => isUnder(file, folder))
    const passedBy = layer === 'app' && APP_NEVER.some((folder) => isUnder(file, folder))
    return allowed && !passedBy ? [] : [`${path}: ${layer} must not import ${file}`]
  })
}

/** The same for every source file below `root`. */
export async function wrongImportsBelow(root: string): Promise<string[]> {
  const wrong: string[] = []
  for await (const path of glob('{app,components,lib}/**/*.{ts,tsx}', { cwd: root })) {
    if (path.startsWith('lib/db/generated/')) continue
    wrong.push(...wrongImports(path, await readFile(`${root}/${path}`, 'utf8')))
  }
  return wrong.sort()
}
