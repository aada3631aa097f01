import { ListBar } from '#components/data-table/list-bar.tsx'
import { TableSkeleton } from '#components/data-table/table-skeleton.tsx'
import { keyListCrumbs } from '#components/keys/key-list-page.tsx'
import { Page } from '#components/shell/page.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'

export default function LoadingKeys() {
  return (
    <Page crumbs={keyListCrumbs} title="Keys">
      <ListBar>
        <Skeleton className="h-8 w-full" />
      </ListBar>
      <TableSkeleton label="keys" />
    </Page>
  )
}
