export { getChange as GET } from '#lib/queries/changes.ts'
