import * as z from 'zod'
import { email, givenPassword } from '#lib/kms/model/inputs/credentials.ts'

const named = z.object({
  id: z.string().min(1).max(64).optional(),
  name: z.string().min(1).max(255).optional(),
})

/** What a program sends for a token (Huawei Cloud IAM, obtain a user token by password). */
export const tokenRequest = z.object({
  auth: z.object({
    identity: z.object({
      methods: z.array(z.literal('password')).length(1),
      password: z.object({
        user: z.object({
          name: email.meta({ description: 'The email with which the user signs in.' }),
          password: givenPassword,
          domain: named.optional().meta({ description: 'The account, by id or name.' }),
        }),
      }),
    }),
    scope: z.object({
      project: named
        .refine(
          (project) => project.id !== undefined || project.name !== undefined,
          'must have an id or a name',
        )
        .meta({ description: 'A token is for one project, by id or name.' }),
    }),
  }),
})
