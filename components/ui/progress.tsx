import { formatCount } from '#lib/format/count.ts'

/** How far a long piece of work has come. A <progress>, since style attributes are forbidden by the page's policy. */
export function Progress({ label, value, max }: { label: string; value: number; max: number }) {
  return (
    <div className="flex flex-col gap-1">
      <div className="flex justify-between gap-4 text-sm text-dim">
        <span>{label}</span>
        <span className="tabular-nums">
          {formatCount(value)} of {formatCount(max)}
        </span>
      </div>
      <progress
        aria-label={label}
        value={value}
        max={Math.max(max, 1)}
        className="h-1.5 w-full appearance-none overflow-hidden rounded-full bg-line [&::-moz-progress-bar]:bg-accent-fill [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent-fill [&::-webkit-progress-value]:transition-[inline-size]"
      />
    </div>
  )
}
