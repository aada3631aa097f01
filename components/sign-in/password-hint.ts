/** Said before anyone is told off for it. */
export const passwordHint = '12 to 128 characters. A sentence is good.'
