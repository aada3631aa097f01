import { Callout } from '#components/ui/callout.tsx'
import { Disclosure } from '#components/ui/disclosure.tsx'

/** What deleting a key means, and what it does not reach. */
export function DeletionWarning() {
  return (
    <Callout tone="warning" title="Deleted keys cannot be recovered.">
      <p>
        All data encrypted with them becomes unreadable, for good. The keys are deleted when the waiting
        period ends; until then you can cancel the deletion.
      </p>
      <Disclosure summary="What deletion does not reach">
        <p>
          Older backups. Whoever holds the root key and an old database dump, WAL archive, standby or disk
          snapshot can still open a deleted key. A key is really destroyed when it is deleted here and every
          older backup is gone.
        </p>
      </Disclosure>
    </Callout>
  )
}
