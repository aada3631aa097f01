import { classNames } from './class-names.ts'

/** The grey place of something that is on its way. Give it the size of what will stand there. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden="true" className={classNames('skeleton block h-4 rounded-sm bg-line', className)} />
  )
}
