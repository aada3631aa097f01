import type { ActionError } from '#lib/actions/result.ts'

/** What is wrong with one field. */
export function errorAt(error: ActionError | null, field: string): string | undefined {
  const found = error?.fields?.find((one) => one.field === field)?.message
  return found ?? (error?.field === field ? error.message : undefined)
}
