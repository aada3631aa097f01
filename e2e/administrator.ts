/** The administrator whom the browser tests' product is started with. */
export const administrator = { email: 'admin@example.com', password: 'correct-horse-battery-staple' }
