import { classNames } from './class-names.ts'

/** primary: at most one per view. danger: only for destruction. quiet: no border, for rows and toolbars. */
export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger'

const shape =
  'relative inline-flex h-8 max-w-full shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md border text-base font-medium transition-colors'

const looks: Record<ButtonVariant, string> = {
  primary: 'border-transparent bg-accent-fill text-on-fill hover:bg-accent-fill-hover px-3',
  secondary: 'border-control bg-surface text-strong hover:bg-hover px-3',
  quiet: 'border-transparent bg-transparent text-text hover:bg-sunken hover:text-strong px-2',
  danger: 'border-transparent bg-danger-fill text-on-fill hover:bg-danger-fill-hover px-3',
}

const off: Record<ButtonVariant, string> = {
  primary: 'border-line-strong bg-sunken text-disabled px-3 cursor-not-allowed',
  secondary: 'border-line-strong bg-transparent text-disabled px-3 cursor-not-allowed',
  quiet: 'border-transparent bg-transparent text-disabled px-2 cursor-not-allowed',
  danger: 'border-line-strong bg-sunken text-disabled px-3 cursor-not-allowed',
}

/** The classes of a button: one height everywhere, 32 pixels. */
export function buttonLook(variant: ButtonVariant, blocked: boolean, square = false): string {
  return classNames(shape, blocked ? off[variant] : looks[variant], square && 'w-8 px-0!')
}
