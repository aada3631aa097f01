/** Numbers of the product. Source: Huawei KMS, quotas and form rules. Lengths are counted in Unicode code points. */
export const limits = {
  keyNameMax: 255,
  keyDescriptionMax: 255,
  tagsPerKeyMax: 20,
  tagKeyMax: 128,
  tagValueMax: 255,
  aliasesPerKeyMax: 50,
  grantsPerKeyMax: 100,
  rotationDaysMin: 30,
  rotationDaysMax: 365,
  importHours: 24,
  importFailuresMax: 10,
  pendingDaysMin: 7,
  pendingDaysMax: 1096,
  pageSizes: [10, 20, 50, 100],
  pageSizeDefault: 20,
  /** Ids that a plan may list; more travel as a filter. */
  planIdsMax: 1_000,
  planMinutes: 30,
  /** Items applied inside the request; more are left to the runner. */
  applyInRequestMax: 100,
  chunkSize: 250,
  /** How long the process that works on a change may be silent before another takes it over. */
  changeLeaseMilliseconds: 30_000,
  /** How long one process waits for instances to know of a change, before another may take that over. */
  confirmingMilliseconds: 12_000,
  /** Totals are exact up to here; beyond it the list says "10,000+". */
  exactTotalMax: 10_000,
  accessKeysPerUserMax: 2,
  tokenHours: 24,
} as const

/** A day of 86,400 seconds: deletion dates and rotation intervals count these, not days of a calendar. */
export const dayMilliseconds = 86_400_000

/** Length in Unicode code points: `'😀'.length` is 2, but a person counts one character. */
export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
