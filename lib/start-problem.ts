/**
 * A reason why Keystead cannot start, told in one sentence that says what to do. Whoever starts a process prints
 * the message alone, without a stack, and exits with code 1.
 */
export class StartProblem extends Error {
  override readonly name = 'StartProblem'
}
