import { outcomeWords } from '#components/changes/outcome-words.ts'
import { keyStates, operationWords } from '#lib/kms/model/key-state.ts'
import type { ChangeItemView, ChangeView } from '#lib/kms/model/views.ts'

/** The result of a change as a table of texts, the heading first. */
export function resultRows(change: ChangeView, items: readonly ChangeItemView[]): string[][] {
  const heading = ['Name', 'ID', 'Operation', 'Result', 'Reason', 'State before', 'State after', 'Request ID']
  return [
    heading,
    ...items.map((item) => [
      item.keyName ?? '',
      item.keyId,
      operationWords[change.operation],
      outcomeWords(item.outcome, change.status),
      item.outcome === 'done' ? '' : (item.reason ?? ''),
      item.state ? keyStates[item.state].word : '',
      item.outcome === 'done' && item.nextState ? keyStates[item.nextState].word : '',
      item.requestId ?? '',
    ]),
  ]
}
