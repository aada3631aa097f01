import * as z from 'zod'
import { errorMessage } from '../errors.ts'
import { codePoints } from '../limits.ts'

const passwordMin = 12
const passwordMax = 128

/** As it is stored and looked for: lower case, without the spaces that pasting brings. */
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, errorMessage('emailInvalid'))
  .pipe(z.email(errorMessage('emailInvalid')))

/**
 * A password that is being chosen. Length is the only rule: no composition, no expiry. 12 to 128 code points, of the
 * form that is hashed (NFKC). Source: NIST SP 800-63B §5.1.1, which asks for at least 8 and allows at least 64.
 */
export const newPassword = z.string().refine(
  (password) => {
    const length = codePoints(password.slice(0, 1_000).normalize('NFKC'))
    return length >= passwordMin && length <= passwordMax
  },
  { message: errorMessage('passwordInvalid') },
)

/** A password that is being given: whatever it is, the answer is only right or wrong. */
export const givenPassword = z
  .string()
  .min(1, 'Enter your password.')
  .max(512, errorMessage('credentialsInvalid'))

export const signInInput = z.object({ email, password: givenPassword })

export type SignInInput = z.output<typeof signInInput>

/** The secret of a one-time or set-up link: 32 random bytes. */
export const linkToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/, errorMessage('linkInvalid'))

/** What a one-time link is good for. */
export const setPasswordInput = z.object({ token: linkToken, password: newPassword })

/** What makes the first administrator. */
export const setUpInput = z.object({ token: linkToken, email, password: newPassword })
