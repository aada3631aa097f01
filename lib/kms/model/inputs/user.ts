import * as z from 'zod'
import { errorMessage } from '../errors.ts'
import { codePoints } from '../limits.ts'
import { isRole, type Role } from '../permissions.ts'
import { email } from './credentials.ts'

const nameMax = 64

const userName = z
  .string()
  .trim()
  .min(1, 'Enter a name.')
  // Names are printed in a terminal too: no control characters, and none that turn the direction of what follows.
  .refine(
    (name) => !/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(name),
    'Name must not contain control characters.',
  )
  .refine((name) => codePoints(name) <= nameMax, `Name can have at most ${nameMax} characters.`)

const role = z.custom<Role>(
  (value) => typeof value === 'string' && isRole(value),
  'Choose one of the roles listed.',
)

const roles = z
  .array(
    z.object({
      role,
      /** Null: in all projects. */
      projectId: z
        .string()
        .regex(/^[0-9a-f]{32}$/, errorMessage('projectNotFound'))
        .nullable(),
    }),
  )
  .max(100, 'At most 100 roles.')

export const addUserInput = z.object({ email, name: userName.optional(), roles })

export type AddUserInput = z.output<typeof addUserInput>

export const changeRolesInput = z.object({ userId: z.uuid(), roles })

export type ChangeRolesInput = z.output<typeof changeRolesInput>

export const oneUserInput = z.object({ userId: z.uuid() })

export type OneUserInput = z.output<typeof oneUserInput>
