// npm run audit: whether the audit chains are intact, whether uses of keys are recorded, and who was refused what.
import { environment } from '#lib/env.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { StartProblem } from '#lib/start-problem.ts'
import { describeAudit, readAuditCommand } from './audit-command.ts'
import { describeDataEvents } from './audit-data-events.ts'
import { describeRefusedCalls } from './audit-refused-calls.ts'
import { commandLineContext } from './command-line-context.ts'
import { openInstallation } from './open-installation.ts'

try {
  const command = readAuditCommand(process.argv.slice(2))
  await using installation = await openInstallation(environment(), 'keystead audit')
  if (command.name === 'verify') {
    const { lines, intact } = await describeAudit(installation.db, installation.rootKey)
    console.log(lines.join('\n'))
    if (!intact) process.exitCode = 1
  } else {
    const ctx = await commandLineContext(installation)
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
    const lines =
      command.name === 'refused'
        ? await describeRefusedCalls(ctx, command.days, timeZone)
        : [await describeDataEvents(ctx, command.enabled)]
    console.log(lines.join('\n'))
  }
} catch (error) {
  const expected = error instanceof StartProblem || error instanceof KmsError
  console.error(expected ? error.message : error)
  process.exitCode = 1
}
