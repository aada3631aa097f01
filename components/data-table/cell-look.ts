import { classNames } from '#components/ui/class-names.ts'
import type { ColumnLook } from './columns.ts'

/** Rows of one line are wider, so that in a compact table the last columns need a wider window. */
const from = {
  lg: 'md:max-lg:hidden',
  xl: 'md:max-xl:hidden',
  wide: 'md:max-[90rem]:hidden',
  '2xl': 'md:max-2xl:hidden compact:md:max-[100rem]:hidden',
  full: 'md:max-[105rem]:hidden compact:md:max-[112rem]:hidden',
}

/** Below which width of the window a column is left out. */
export function columnPresence(look: ColumnLook | undefined): string | false {
  return look?.from ? from[look.from] : false
}

/** The classes of a body cell; globals.css lays the cards out by them. */
export function cellLook(look: ColumnLook | undefined): string {
  return classNames(
    `card-${look?.card ?? 'line'}`,
    look?.align === 'end' && 'md:text-right tabular-nums',
    columnPresence(look),
  )
}
