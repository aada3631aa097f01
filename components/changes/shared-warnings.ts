import type { ChangeItemView } from '#lib/kms/model/views.ts'

/**
 * Warnings that hold for every key that will change: said once above the table instead of in each row. A warning of a
 * single key stays with its key.
 */
export function sharedWarnings(items: readonly ChangeItemView[]): string[] {
  const acting = items.filter((item) => item.outcome !== 'skipped')
  const [first, ...others] = acting
  if (!first || others.length === 0) return []
  return first.warnings.filter((warning) => others.every((item) => item.warnings.includes(warning)))
}
