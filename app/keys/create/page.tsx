import { BackToList } from '#components/change-page/back-to-list.tsx'
import { CreateKeyForm } from '#components/create-key/create-key-form.tsx'
import { QuotaLeft } from '#components/create-key/quota-left.tsx'
import { Page } from '#components/shell/page.tsx'
import { keyListHref, readKeyListUrl } from '#lib/key-list-url.ts'
import { readProject } from '#lib/queries/current-project.ts'
import { readCreateForm } from '#lib/queries/keys.ts'

/** The Create Key page. Its address also holds the question of the list it came from. */
export default async function CreateKeyPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const search = await searchParams
  const projectId = await readProject(search)
  const view = await readCreateForm({ projectId })
  const back = keyListHref(readKeyListUrl(search, projectId))
  return (
    <Page
      width="form"
      crumbs={[{ label: 'Key Management Service', href: back }, { label: 'Create Key' }]}
      title="Create Key"
      back={<BackToList href={back} />}
      aside={<QuotaLeft quota={view.quota} />}
    >
      <CreateKeyForm view={view} back={back} />
    </Page>
  )
}
