import { classNames } from './class-names.ts'

/**
 * primary: at most one per view. danger: only for destruction. quiet: no border. inline: a word in the row of a table
 * or in a text, 24 pixels high, the only one that is not 32.
 */
export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger' | 'inline'

const shape =
  'relative inline-flex max-w-full shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap border text-base font-medium transition-colors'

const looks: Record<ButtonVariant, string> = {
  primary: 'border-transparent bg-accent-fill text-on-fill hover:bg-accent-fill-hover px-3',
  secondary: 'border-control bg-surface text-strong hover:bg-hover px-2.5 sm:px-3',
  quiet: 'border-transparent bg-transparent text-text hover:bg-sunken hover:text-strong px-2',
  danger: 'border-transparent bg-danger-fill text-on-fill hover:bg-danger-fill-hover px-3',
  inline: 'border-transparent bg-transparent text-accent hover:bg-accent-tint px-1.5',
}

const off: Record<ButtonVariant, string> = {
  primary: 'border-line-strong bg-sunken text-disabled px-3 cursor-not-allowed',
  secondary: 'border-line-strong bg-transparent text-disabled px-2.5 sm:px-3 cursor-not-allowed',
  quiet: 'border-transparent bg-transparent text-disabled px-2 cursor-not-allowed',
  danger: 'border-line-strong bg-sunken text-disabled px-3 cursor-not-allowed',
  inline: 'border-transparent bg-transparent text-disabled px-1.5 cursor-not-allowed',
}

/** The classes of a button. */
export function buttonLook(variant: ButtonVariant, blocked: boolean, square = false): string {
  return classNames(
    shape,
    variant === 'inline' ? 'h-6 rounded-sm' : 'h-8 rounded-md',
    blocked ? off[variant] : looks[variant],
    square && 'w-8 px-0!',
  )
}
