'use client'

export { ShellError as default } from '#components/shell/page-error.tsx'
