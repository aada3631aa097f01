/** Said before anyone is told off for it. */
export const passwordHint = 'At least 12 characters. Any will do; a sentence is good.'
