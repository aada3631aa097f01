/** How long a lease lasts, in milliseconds; whoever fences an instance waits this long for its end. */
export const leaseMilliseconds = 3_000

/** An instance stops using its lease so much earlier: clocks of two machines may run at slightly different speeds. */
export const leaseMarginMilliseconds = 500

/** How often an instance renews its lease. */
export const renewEveryMilliseconds = 1_000
