/** What an endpoint process and its starter tell each other once the process is ready. */
export type FromEndpoint =
  /** Asks for the numbers of all endpoint processes. */
  | { kind: 'gather'; id: number }
  /** The numbers of this one, which had been asked for. */
  | { kind: 'numbers'; gathering: number; text: string }

export type ToEndpoint =
  /** Asks for the numbers of this process. */
  | { kind: 'tell'; gathering: number }
  /** The numbers of all processes that told theirs in time. */
  | { kind: 'gathered'; id: number; texts: string[] }
