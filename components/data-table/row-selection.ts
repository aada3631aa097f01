/**
 * What the boxes of a table show and do. The owner keeps the selection, as a set of ids: never of positions, or after
 * a sort the ticks would sit on other rows.
 */
export type RowSelection<Row> = {
  has: (id: string) => boolean
  /** Ticks or unticks a row; with `through`, also all between it and the one touched last. */
  toggle: (row: Row, through?: boolean) => void
  /** Ticks all rows of the page, or unticks them when all are ticked. */
  togglePage: () => void
  /** Whether of the rows of the page none, some or all are ticked. */
  page: 'none' | 'some' | 'all'
}
