import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The real `openssl` of the machine with a folder of its own. */
export type OpenSsl = AsyncDisposable & {
  /** Runs one command; a name in `inputs` stands for a file with these bytes. Answers what the file `out` then holds. */
  run: (command: string, inputs?: Record<string, Uint8Array>) => Promise<Buffer>
  /** Whether the command ends well. */
  succeeds: (command: string, inputs?: Record<string, Uint8Array>) => Promise<boolean>
}

/** Commands are split at spaces; file names are relative to the folder. */
export async function openSsl(): Promise<OpenSsl> {
  const folder = await mkdtemp(join(tmpdir(), 'keystead-openssl-'))
  const execute = async (command: string, inputs: Record<string, Uint8Array>): Promise<void> => {
    await rm(join(folder, 'out'), { force: true })
    for (const [name, bytes] of Object.entries(inputs)) await writeFile(join(folder, name), bytes)
    await run('openssl', command.split(' '), { cwd: folder })
  }
  return {
    run: async (command, inputs = {}) => {
      await execute(command, inputs)
      return readFile(join(folder, 'out'))
    },
    succeeds: (command, inputs = {}) =>
      execute(command, inputs).then(
        () => true,
        () => false,
      ),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
