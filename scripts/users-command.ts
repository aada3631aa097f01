import { parseArgs } from 'node:util'
import type * as z from 'zod'
import { addUser } from '#lib/kms/access/add-user.ts'
import { changeRoles } from '#lib/kms/access/change-roles.ts'
import type { AccessKeyPair } from '#lib/kms/access/create-administrator.ts'
import { deleteAccessKey } from '#lib/kms/access/delete-access-key.ts'
import type { IssuedLink } from '#lib/kms/access/issue-link.ts'
import { listUsers, type UserView } from '#lib/kms/access/list-users.ts'
import { makeAccessKey } from '#lib/kms/access/make-access-key.ts'
import { makeLink } from '#lib/kms/access/make-link.ts'
import { resumeUser } from '#lib/kms/access/resume-user.ts'
import { suspendUser } from '#lib/kms/access/suspend-user.ts'
import type { KmsContext } from '#lib/kms/context.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { addUserInput } from '#lib/kms/model/inputs/user.ts'
import { type Role, roleNames } from '#lib/kms/model/permissions.ts'
import { StartProblem } from '#lib/start-problem.ts'

export const usersUsage = `npm run users -- list
npm run users -- add <email> --role <role> [--role …] [--name <name>] [--project <id>]
npm run users -- role <email> --role <role> [--role …] [--project <id>]
npm run users -- role <email> --none
npm run users -- suspend <email>
npm run users -- resume <email>
npm run users -- link <email>
npm run users -- key <email>
npm run users -- key <email> --delete <access key>

Roles: ${roleNames.map((name) => `"${name}"`).join(', ')}; without --project they hold in all projects.
add and link print a one-time link, with which the user sets a password. Nobody ever types one here.
key prints an access key and its secret, with which programs sign requests; a user has two at most.`

/**
 * Runs one `npm run users` command and returns the lines to print.
 *
 * @throws {StartProblem} for a command that does not make sense, in one sentence
 * @throws {KmsError} what the verbs throw
 */
export async function runUsersCommand(ctx: KmsContext, args: string[], publicUrl: string): Promise<string[]> {
  const { command, email, ...options } = readArguments(args)
  if (command === 'list') return (await listUsers(ctx)).map(userLine)
  if (!email) throw new StartProblem(`Say which user: npm run users -- ${command} <email>.`)
  const roles = options.roles.map((role) => ({ role, projectId: options.project }))
  if (command === 'add') {
    if (roles.length === 0 && !options.none)
      throw new StartProblem('Say what the user may do: --role <role>, or --none.')
    const input = parsed(addUserInput.safeParse({ email, name: options.name, roles }))
    const { link } = await addUser(ctx, input)
    return [`${input.email} was added.`, ...linkLines(link, publicUrl)]
  }
  const { id: userId, email: known } = await findUser(ctx, email)
  switch (command) {
    case 'role':
      if (roles.length === 0 && !options.none)
        throw new StartProblem('Say which roles: --role <role>, or --none.')
      await changeRoles(ctx, { userId, roles })
      return [`${known} now has ${roles.map(({ role }) => role).join(', ') || 'no role'}.`]
    case 'suspend':
      await suspendUser(ctx, { userId })
      return [`${known} is suspended and signed out.`]
    case 'resume':
      await resumeUser(ctx, { userId })
      return [`${known} may sign in again.`]
    case 'link':
      return linkLines(await makeLink(ctx, { userId }), publicUrl)
    case 'key':
      if (options.delete !== null) {
        await deleteAccessKey(ctx, { userId, accessKeyId: options.delete })
        return [`Access key ${options.delete} of ${known} is deleted.`]
      }
      return keyLines(await makeAccessKey(ctx, { userId }))
  }
}

const commands = ['list', 'add', 'role', 'suspend', 'resume', 'link', 'key'] as const

type Arguments = {
  command: (typeof commands)[number]
  email: string | undefined
  name: string | undefined
  roles: Role[]
  none: boolean
  project: string | null
  delete: string | null
}

function readArguments(args: string[]): Arguments {
  const { values, positionals } = parseOptions(args)
  const [command, email, ...rest] = positionals
  const known = commands.find((name) => name === command)
  if (!known || rest.length > 0) throw new StartProblem(usersUsage)
  const roles = (values.role ?? []).map((name) => {
    const role = roleNames.find((one) => one.toLowerCase() === name.toLowerCase())
    if (!role) throw new StartProblem(`There is no role "${name}": use one of ${roleNames.join(', ')}.`)
    return role
  })
  return {
    command: known,
    email: email?.trim().toLowerCase(),
    name: values.name,
    roles,
    none: values.none ?? false,
    project: values.project ?? null,
    delete: values.delete ?? null,
  }
}

function parseOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        role: { type: 'string', multiple: true },
        name: { type: 'string' },
        project: { type: 'string' },
        none: { type: 'boolean' },
        delete: { type: 'string' },
      },
    })
  } catch (error) {
    throw new StartProblem(`${error instanceof Error ? error.message : error}\n\n${usersUsage}`)
  }
}

function parsed<T>(result: z.ZodSafeParseResult<T>): T {
  if (result.success) return result.data
  throw new StartProblem(result.error.issues[0]?.message ?? usersUsage)
}

async function findUser(ctx: KmsContext, email: string): Promise<UserView> {
  const user = (await listUsers(ctx)).find((one) => one.email === email)
  if (!user) throw new KmsError('userNotFound', { message: `There is no user ${email}.` })
  return user
}

function linkLines({ token, expiresAt }: IssuedLink, publicUrl: string): string[] {
  return [
    'This link sets the password. It works once and is shown only here; hand it over on a safe way.',
    `  ${publicUrl}/link#${token}`,
    `  until ${expiresAt}`,
  ]
}

function keyLines({ id, secret }: AccessKeyPair): string[] {
  return ['The secret is shown only here.', `  access key  ${id}`, `  secret key  ${secret}`]
}

function userLine({ email, name, status, roles }: UserView): string {
  const held = roles.map(({ role, projectId }) => (projectId === null ? role : `${role} (${projectId})`))
  return [email, name, status, held.join(', ') || 'no role'].join('  ')
}
