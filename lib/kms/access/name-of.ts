/** What a user is called until somebody gives a name: the part of the email before the @. */
export function nameOf(email: string): string {
  return email.split('@', 1)[0] || email
}
