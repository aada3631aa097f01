export { getStateCounts as GET } from '#lib/queries/keys.ts'
