import { notFound } from 'next/navigation'
import { BackToList } from '#components/change-page/back-to-list.tsx'
import { DeleteKey } from '#components/delete-key/delete-key.tsx'
import { Page } from '#components/shell/page.tsx'
import { keyListHref, readKeyListUrl } from '#lib/key-list-url.ts'
import { readChange } from '#lib/queries/changes.ts'

/** The Delete Key page of a planned deletion. Its address also holds the question of the list it came from. */
export default async function DeleteKeyPage({
  params,
  searchParams,
}: {
  params: Promise<{ changeId: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const { changeId } = await params
  const change = await readChange({ changeId })
  if (change.operation !== 'scheduleDeletion') notFound()
  const list = readKeyListUrl(await searchParams, change.projectId)
  const back = keyListHref(list)

  return (
    <Page
      crumbs={[{ label: 'Key Management Service', href: back }, { label: 'Delete Key' }]}
      title="Delete Key"
      back={<BackToList href={back} />}
    >
      <DeleteKey key={change.id} change={change} now={new Date().toISOString()} list={list} back={back} />
    </Page>
  )
}
