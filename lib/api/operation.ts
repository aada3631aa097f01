import type * as z from 'zod'
import type { KmsContext } from '#lib/kms/context.ts'

/** Headings of the documentation, in its order. */
export const groups = [
  'Keys',
  'Data',
  'Data keys',
  'Signatures and MACs',
  'Key material',
  'Rotation',
  'Grants',
  'Tags',
  'Aliases',
  'Replicas',
  'Quotas',
  'Not supported',
] as const

/** Buckets in which the product counts calls (Huawei KMS, quotas). */
export type RateClass = 'general' | 'life-cycle' | 'data-key' | 'sign'

/** What one call of the API is: everything that its route, its documentation and its tests are made from. */
export type OperationDefinition<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodObject,
  Result extends z.ZodObject | null,
> = {
  /** As the SDKs name it, such as `CreateKey`. */
  id: string
  group: (typeof groups)[number]
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With `{name}` for parameters; the last one may hold slashes. */
  path: `/v1.0/{project_id}/${string}` | `/v2/{project_id}/${string}`
  summary: string
  /** Path parameters besides project_id. */
  params?: Params
  query?: Query
  body?: Body
  /** Null: the answer is 204 without a body. Never anything but an object otherwise. */
  result: Result
  /**
   * Whether it changes something that lasts: then a signature that is seen again gets the first answer, and nothing is
   * done a second time.
   */
  writes: boolean
  rate?: RateClass
  run: (
    ctx: KmsContext,
    input: { projectId: string; params: z.output<Params>; query: z.output<Query>; body: z.output<Body> },
  ) => Promise<Result extends z.ZodObject ? z.input<Result> : undefined>
}

/** An operation with its types forgotten: what was parsed by its schemas is handed to it as it is. */
export type Operation = Omit<
  OperationDefinition<z.ZodObject, z.ZodObject, z.ZodObject, z.ZodObject | null>,
  'run'
> & {
  run: (
    ctx: KmsContext,
    input: { projectId: string; params: unknown; query: unknown; body: unknown },
  ) => Promise<object | undefined>
}

/** Declares an operation; the types of its parts hold together here. */
export function operation<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodObject,
  Result extends z.ZodObject | null,
>(definition: OperationDefinition<Params, Query, Body, Result>): Operation {
  return definition as unknown as Operation
}
