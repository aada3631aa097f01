import { resultRows } from '#components/change-page/result-rows.ts'
import { toCsv } from '#lib/format/csv.ts'
import type { ChangeItemView } from '#lib/kms/model/views.ts'
import { readChange } from '#lib/queries/changes.ts'

const pageSize = 1_000

/** The result of each key of a change as CSV, all pages of it. */
export async function GET(_request: Request, { params }: { params: Promise<{ changeId: string }> }) {
  const { changeId } = await params
  const change = await readChange({ changeId, page: 1, pageSize })
  const items: ChangeItemView[] = [...change.items]
  for (let page = 2; (page - 1) * pageSize < change.total; page++) {
    items.push(...(await readChange({ changeId, page, pageSize })).items)
  }
  return new Response(toCsv(resultRows(change, items)), {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="change-${change.id}.csv"`,
      'cache-control': 'no-store',
    },
  })
}
