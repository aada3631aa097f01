import { expect, test } from 'vitest'
import { openApiDocument } from './open-api.ts'
import { operations } from './operations/index.ts'
import { referencePage } from './reference-page.ts'

const document = openApiDocument('https://kms.example.com')

test('every call is in the document once, under its own id', () => {
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  )
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toEqual(expect.arrayContaining(operations.map(({ id }) => id)))
})

test('the document is plain JSON without references into nowhere', () => {
  const text = JSON.stringify(document)
  expect(JSON.parse(text)).toEqual(document)
  for (const [, target = ''] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
    const found = target
      .slice(2)
      .split('/')
      .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], document)
    expect(found, target).toBeDefined()
  }
})

test('requests are described as they are sent, with what is needed and what is standard', () => {
  const body = document.paths['/v1.0/{project_id}/kms/create-key']?.post?.requestBody
  expect(body?.content['application/json'].schema).toMatchObject({
    type: 'object',
    required: ['key_alias'],
    properties: {
      key_alias: { type: 'string', pattern: '^[a-zA-Z0-9:/_-]{1,255}$' },
      key_spec: { type: 'string', default: 'AES_256' },
    },
  })
})

test('path parameters are those of the path', () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    for (const { parameters = [] } of Object.values(methods))
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(names)
  }
})

test('the page has every call and loads nothing', () => {
  const page = referencePage(document)
  for (const { id } of operations) expect(page).toContain(`id="${id}"`)
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=/)
})

test('what stands in the document cannot become markup', () => {
  const info = { ...document.info, description: `<script>alert("x")</script>'&` }
  expect(referencePage({ ...document, info })).toContain(
    '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;',
  )
})
