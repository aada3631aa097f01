import * as z from 'zod'
import { keySpecNames } from '../key-spec.ts'
import { limits } from '../limits.ts'
import { isStorableText } from '../storable-text.ts'

const filterText = (max: number) => z.string().min(1).max(max).refine(isStorableText)

/** Of three centuries: beyond them no key was created, and not every year can be written to the database. */
const day = z.iso.date().regex(/^(19|20|21)/)

/**
 * What the list is asked for. Conditions of different properties, and several texts of one property, all have to hold
 * (AND); a condition with several values holds when one of them does.
 */
export const keyFilter = z.object({
  projectId: z.string().regex(/^[0-9a-f]{32}$/),
  defaultKeys: z.boolean().default(false),
  /** Substring of the name or the id, letters of either case. */
  text: z.array(filterText(255)).max(10).default([]),
  name: z.array(filterText(255)).max(10).default([]),
  id: z.array(filterText(36)).max(10).default([]),
  status: z
    .array(z.enum(['2', '3', '4', '5']))
    .max(4)
    .default([]),
  algorithm: z.array(z.enum(keySpecNames)).max(32).default([]),
  usage: z
    .array(z.enum(['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC']))
    .max(3)
    .default([]),
  origin: z
    .array(z.enum(['kms', 'external']))
    .max(2)
    .default([]),
  enterpriseProject: z.array(filterText(64)).max(32).default([]),
  /** First and last day, inclusive, in UTC: `2026-01-31`. */
  createdFrom: day.optional(),
  createdTo: day.optional(),
  /** A tag that the key carries; without a value, any value of it. */
  tag: z
    .array(
      z.object({
        key: filterText(limits.tagKeyMax * 2),
        value: z
          .string()
          .max(limits.tagValueMax * 2)
          .refine(isStorableText)
          .optional(),
      }),
    )
    .max(limits.tagsPerKeyMax)
    .default([]),
})

export type KeyFilter = z.output<typeof keyFilter>

export const sortColumns = [
  'name',
  'status',
  'created',
  'algorithm',
  'origin',
  'enterpriseProject',
  'lastUsed',
  'calls',
] as const

export type SortColumn = (typeof sortColumns)[number]

export const keyListInput = keyFilter.extend({
  sort: z.enum(sortColumns).default('created'),
  direction: z.enum(['asc', 'desc']).default('desc'),
  page: z.int().min(1).max(1_000_000).default(1),
  pageSize: z.union(limits.pageSizes.map((size) => z.literal(size))).default(limits.pageSizeDefault),
})

export type KeyListInput = z.output<typeof keyListInput>
