import { readShell as readShellVerb } from '#lib/kms/access/read-shell.ts'
import { defineQuery } from './define-query.ts'

/** Who is signed in and where they may go. */
export const readShell = defineQuery<void, Awaited<ReturnType<typeof readShellVerb>>>(readShellVerb)
