'use client'

import { useRouter } from 'next/navigation'
import { useState, useTransition } from 'react'
import { noAnswer, type Problem } from '#components/changes/fetch-change.ts'
import { ProblemCallout } from '#components/changes/problem-callout.tsx'
import { startChange } from '#components/changes/start-change.ts'
import { Button } from '#components/ui/button.tsx'
import { LinkButton } from '#components/ui/link-button.tsx'
import { EmptyState, NoPermission } from '#components/ui/page-state.tsx'
import { deleteKeysHref } from '#lib/key-list-url.ts'
import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { ChangeView } from '#lib/kms/model/views.ts'
import { routes } from '#lib/routes.ts'

/** A planned deletion that cannot be applied here: someone else's, applied already, or expired. */
export function ClosedPlan({ change, list, back }: { change: ChangeView; list: KeyListInput; back: string }) {
  const toList = <LinkButton href={back}>Back to keys</LinkButton>
  if (change.status !== 'planned') {
    return (
      <EmptyState
        title="This deletion was submitted already"
        actions={
          <>
            <LinkButton variant="primary" href={routes.change(change.projectId, change.id)}>
              View result
            </LinkButton>
            {toList}
          </>
        }
      >
        Its result, key by key, is kept.
      </EmptyState>
    )
  }
  if (!change.mine) {
    return (
      <NoPermission title="This is not your deletion" actions={toList}>
        {change.authorName} planned it and alone can submit it. Select the keys in the list to plan your own.
      </NoPermission>
    )
  }
  return <Expired change={change} list={list} back={back} />
}

function Expired({ change, list, back }: { change: ChangeView; list: KeyListInput; back: string }) {
  const router = useRouter()
  const [problem, setProblem] = useState<Problem | null>(null)
  const [pending, startWork] = useTransition()
  const { projectId, operation, items, total } = change

  function reviewAgain() {
    startWork(async () => {
      const input = { projectId, operation, selection: { ids: items.map((item) => item.keyId) } }
      const result = await startChange({ kind: 'plan', input }).catch(() => ({
        ok: false as const,
        error: noAnswer,
      }))
      if (result.ok) router.replace(deleteKeysHref(result.data.id, list))
      else setProblem(result.error)
    })
  }

  return (
    <>
      {problem && <ProblemCallout problem={problem} />}
      <EmptyState
        title="This review has expired"
        actions={
          <>
            {items.length === total && (
              <Button variant="primary" pending={pending} onClick={reviewAgain}>
                Review again
              </Button>
            )}
            <LinkButton href={back}>Back to keys</LinkButton>
          </>
        }
      >
        It is more than 30 minutes old, and the keys may have changed. Nothing was deleted.
      </EmptyState>
    </>
  )
}
