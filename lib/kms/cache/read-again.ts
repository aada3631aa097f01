/**
 * What an operation has read from the cache changed before it had its answer. Its result was thrown away and nothing
 * was done; whoever began it does it again from the start, asking the database.
 */
export class ReadAgain extends Error {
  constructor() {
    super('What was read from the cache has changed')
    this.name = 'ReadAgain'
  }
}
