/** A message about something that has happened. It never takes the focus and never moves the page. */
export type Announcement = {
  id: number
  tone: 'success' | 'info' | 'warning' | 'danger'
  message: string
  /** What to do about it: one thing, at most two. */
  action?: Action | readonly Action[]
}

type Action = { label: string; href: string } | { label: string; onAction: () => void }

let shown: readonly Announcement[] = []
let nextId = 1
const watchers = new Set<() => void>()

function replace(next: readonly Announcement[]) {
  shown = next
  for (const watch of watchers) watch()
}

/**
 * Says something in the corner and to screen readers. It outlives a change of page inside the console. Success and
 * info go by themselves; a warning or a failure stays until it is closed.
 */
export function announce(
  message: string,
  options: Partial<Pick<Announcement, 'tone' | 'action'>> = {},
): number {
  const id = nextId
  nextId += 1
  replace([...shown.slice(-3), { id, message, tone: options.tone ?? 'success', ...options }])
  return id
}

/** Takes an announcement away. */
export function withdraw(id: number) {
  replace(shown.filter((announcement) => announcement.id !== id))
}

/** For useSyncExternalStore. */
export const announcements = {
  subscribe(watch: () => void) {
    watchers.add(watch)
    return () => watchers.delete(watch)
  },
  read: () => shown,
  readOnServer: (): readonly Announcement[] => none,
}

const none: readonly Announcement[] = []
