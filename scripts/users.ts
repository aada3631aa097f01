// npm run users: users without the console.
import { environment } from '#lib/env.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { StartProblem } from '#lib/start-problem.ts'
import { commandLineContext } from './command-line-context.ts'
import { openInstallation } from './open-installation.ts'
import { runUsersCommand } from './users-command.ts'

try {
  const env = environment()
  await using installation = await openInstallation(env, 'keystead users')
  const ctx = await commandLineContext(installation)
  const lines = await runUsersCommand(ctx, process.argv.slice(2), env.publicUrl)
  console.log(lines.join('\n'))
} catch (error) {
  const expected = error instanceof StartProblem || error instanceof KmsError
  console.error(expected ? error.message : error)
  process.exitCode = 1
}
