// npm run users: users without the console.
import { newRequestId } from '#lib/auth/request-id.ts'
import { environment } from '#lib/env.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { inSystemTransaction } from '#lib/kms/transaction.ts'
import { StartProblem } from '#lib/start-problem.ts'
import { openInstallation } from './open-installation.ts'
import { runUsersCommand } from './users-command.ts'

try {
  const env = environment()
  await using installation = await openInstallation(env, 'keystead users')
  const { db, rootKey } = installation
  const account = await inSystemTransaction(db, 'administration', (sql) =>
    sql.account.findFirst({ orderBy: { createdAt: 'asc' }, select: { id: true } }),
  )
  if (!account) throw new StartProblem('Keystead has no account yet: run npm start once.')
  const lines = await runUsersCommand(
    {
      db,
      rootKey,
      accountId: account.id,
      actor: { kind: 'system', id: 'administration', name: 'Command line' },
      requestId: newRequestId(),
      sourceAddress: null,
    },
    process.argv.slice(2),
    env.publicUrl,
  )
  console.log(lines.join('\n'))
} catch (error) {
  const expected = error instanceof StartProblem || error instanceof KmsError
  console.error(expected ? error.message : error)
  process.exitCode = 1
}
