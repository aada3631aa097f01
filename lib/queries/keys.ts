import { countStates } from '#lib/kms/keys/count-states.ts'
import { listKeys } from '#lib/kms/keys/list-keys.ts'
import { openCreateForm } from '#lib/kms/keys/open-create-form.ts'
import { KmsError } from '#lib/kms/model/errors.ts'
import { filterOf, readKeyListUrl } from '../key-list-url.ts'
import { defineJsonQuery, defineQuery } from './define-query.ts'

export const readKeys = defineQuery(listKeys)

export const readCreateForm = defineQuery(openCreateForm)

/** GET: how many of the keys that an address asks for are in each state. */
export const getStateCounts = defineJsonQuery((request) => {
  const search = new URL(request.url).searchParams
  const projectId = search.get('project') ?? ''
  if (!/^[0-9a-f]{32}$/.test(projectId)) throw new KmsError('projectNotFound')
  return filterOf(readKeyListUrl(search, projectId))
}, countStates)
