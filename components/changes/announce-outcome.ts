import { announce, withdraw } from '#components/ui/announcement.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'
import { confirmedWithinMs, notConfirmed } from './change-words.ts'
import { isSettled } from './fetch-change.ts'
import { followChange } from './follow-change.ts'

/**
 * Says what became of a change in the corner, on whatever page one is by then. Of one that is still under way it says
 * so, never success, and what became of it once that is known. Never throws.
 *
 * @param say says it of the settled change
 * @param begun a sentence before what is said until then
 */
export function announceOutcome(change: ChangeView, say: (settled: ChangeView) => void, begun = ''): void {
  if (isSettled(change)) say(change)
  else followAnnounced(change, say, begun)
}

function followAnnounced(change: ChangeView, say: (settled: ChangeView) => void, begun: string): void {
  const abort = new AbortController()
  const action = { label: 'View result', href: routes.change(change.projectId, change.id) }
  let note = announce(noteOf(change, begun), { tone: 'info', action })
  let late: ReturnType<typeof setTimeout> | undefined
  watch(change)
  followChange(change, abort, (answer) => {
    if (answer.ok) watch(answer.change)
    // What has been said is all that can be
    else if (answer.problem.kind === 'signed-out') stop()
  })

  function watch(read: ChangeView) {
    if (read.status === 'confirming') late ??= setTimeout(() => warn(read), confirmedWithinMs)
    if (!isSettled(read)) return
    stop()
    withdraw(note)
    // Its own page says it already
    if (!window.location.pathname.endsWith(`/changes/${read.id}`)) say(read)
  }

  function warn(read: ChangeView) {
    withdraw(note)
    note = announce(noteOf(read, begun), { tone: 'warning', action })
  }

  function stop() {
    clearTimeout(late)
    abort.abort()
  }
}

function noteOf({ status }: ChangeView, begun: string): string {
  return `${begun} ${status === 'confirming' ? `${notConfirmed}.` : 'The change goes on.'}`.trim()
}
