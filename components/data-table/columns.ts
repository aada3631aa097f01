import { createColumnHelper, metaHelper, tableFeatures } from '@tanstack/react-table'

/** How a column looks. Widths are classes: the page's policy forbids style attributes in the HTML. */
export type ColumnLook = {
  /** Class of the header cell that fixes the width, `w-40`; one column should have none and take the rest. */
  width?: string
  /** Numbers stand at the end. */
  align?: 'end'
  /** The header is a link that sorts by this column. */
  sortable?: boolean
  /** What to know of a sortable column's values, in a tooltip and as the description of its header. */
  note?: string
  /** Left out below this width of the window (the card form on phones still shows it); `wide` is 1440 pixels, `full` 1680; a compact table needs more for the last two. */
  from?: 'lg' | 'xl' | 'wide' | '2xl' | 'full'
  /**
   * Place in the card that a row becomes on a phone: `title` beside the check box, `badge` top right, `line` (the
   * default) a labelled line, `actions` the last line, `hidden` left out.
   */
  card?: 'title' | 'badge' | 'line' | 'actions' | 'hidden'
  /** The label of the line in the card, where the header is long. */
  cardLabel?: string
}

/**
 * Sorting, filtering and paging are done by the database and live in the address, and the selection is our own set of
 * ids, so of the table library only its core is used.
 */
export const features = tableFeatures({ columnMeta: metaHelper<ColumnLook>() })

/** `const column = columnsOf<KeyRow>()`, then `column.columns([column.display({ id, header, cell, meta })])`. */
export function columnsOf<Row extends object>() {
  return createColumnHelper<typeof features, Row>()
}
