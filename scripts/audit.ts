// npm run audit -- verify: checks that no audit event was changed, removed, inserted or cut off.
import { environment } from '#lib/env.ts'
import { StartProblem } from '#lib/start-problem.ts'
import { auditUsage, describeAudit } from './audit-command.ts'
import { openInstallation } from './open-installation.ts'

try {
  const [command, ...rest] = process.argv.slice(2)
  if (command !== 'verify' || rest.length > 0) throw new StartProblem(auditUsage)
  await using installation = await openInstallation(environment(), 'keystead audit')
  const { lines, intact } = await describeAudit(installation.db, installation.rootKey)
  console.log(lines.join('\n'))
  if (!intact) process.exitCode = 1
} catch (error) {
  console.error(error instanceof StartProblem ? error.message : error)
  process.exitCode = 1
}
