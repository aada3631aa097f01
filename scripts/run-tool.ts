import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import { projectRoot } from './project-root.ts'

/** Runs a program of node_modules to its end, showing what it prints, and answers its exit code. */
export async function runTool(
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<number> {
  const bin = join(projectRoot, 'node_modules', '.bin')
  const tool = spawn(join(bin, name), args, {
    cwd: projectRoot,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = (await once(tool, 'close')) as [number | null]
  return code ?? 1
}
