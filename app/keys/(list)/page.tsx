import { cookies } from 'next/headers'
import { densityFrom } from '#components/data-table/density-choice.ts'
import { KeyList } from '#components/keys/key-list.tsx'
import { KeyListPage } from '#components/keys/key-list-page.tsx'
import { NoPermission } from '#components/ui/page-state.tsx'
import { readKeyListUrl } from '#lib/key-list-url.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import { readProject } from '#lib/queries/current-project.ts'
import { readKeys } from '#lib/queries/keys.ts'

/** The key list. Its address holds the whole question; see lib/key-list-url.ts. */
export default async function KeysPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const search = await searchParams
  const list = readKeyListUrl(search, await readProject(search))
  const [page, cookie] = await Promise.all([readPermitted(list), cookies()])
  if (page === null) {
    return (
      <KeyListPage list={list}>
        <NoPermission title="You may not see the keys of this project">
          Choose another project at the top left, or ask an administrator for the role KMS CMKReadOnlyAccess
          in this one.
        </NoPermission>
      </KeyListPage>
    )
  }
  return (
    <KeyListPage list={list} quota={page.quota} createRefusal={page.createRefusal}>
      <KeyList list={list} page={page} density={densityFrom(cookie.get('density')?.value)} />
    </KeyListPage>
  )
}

/** Null: the caller may not list keys here. Every other error is one, and not an empty list. */
async function readPermitted(list: KeyListInput) {
  try {
    return await readKeys(list)
  } catch (error) {
    if (error instanceof KmsError && error.code === 'notPermitted') return null
    throw error
  }
}
