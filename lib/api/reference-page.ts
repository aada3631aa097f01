import type { DocumentedOperation, JsonSchema, OpenApiDocument } from './open-api.ts'

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: unknown): string => String(text).replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign)

type Field = { name: string; type: string; needed: boolean; about: string }

/** The document as a page to read: one file, no script, nothing loaded from elsewhere. */
export function referencePage(document: OpenApiDocument): string {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const groups = document.tags.map(({ name }) => ({
    name,
    calls: all.filter(({ operation }) => operation.tags[0] === name),
  }))
  const contents = groups
    .map(
      ({ name, calls }) =>
        `<li>${escaped(name)}<ul>${calls
          .map(
            ({ operation }) =>
              `<li><a href="#${escaped(operation.operationId)}">${escaped(operation.summary)}</a></li>`,
          )
          .join('')}</ul></li>`,
    )
    .join('')
  const sections = groups
    .map(({ name, calls }) => `<h2>${escaped(name)}</h2>${calls.map(section).join('')}`)
    .join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(document.info.title)} API</title>
<style>${style}</style>
</head>
<body>
<nav aria-label="Calls"><p class="title">${escaped(document.info.title)} API</p><ul>${contents}</ul></nav>
<main>
<h1>${escaped(document.info.title)} API</h1>
<p>${escaped(document.info.description)} The same as an <a href="/openapi.json">OpenAPI document</a>.</p>
<p>Requests are signed with an access key (SDK-HMAC-SHA256, as the SDKs do) or carry a token in <code>X-Auth-Token</code>.
Bodies are JSON. A refused request gets <code>{"error":{"error_code":"KMS.…","error_msg":"…"}}</code>; every answer
carries <code>X-Request-Id</code>.</p>
${sections}
</main>
</body>
</html>
`
}

function section(call: { path: string; method: string; operation: DocumentedOperation }): string {
  const { path, method, operation } = call
  const sent = operation.requestBody?.content['application/json'].schema
  const parameters = (operation.parameters ?? []).map(
    (parameter): Field => ({
      name: parameter.name,
      type: `${typeOf(parameter.schema)}, in the ${parameter.in}`,
      needed: parameter.required,
      about: aboutOf(parameter.schema),
    }),
  )
  const answers = Object.entries(operation.responses)
    .filter(([status]) => /^2/.test(status))
    .map(([status, { description, content }]) => {
      const schema = content?.['application/json'].schema
      const fields = schema ? fieldsOf(schema) : []
      return `<h4>Answer ${escaped(status)}</h4>${fields.length > 0 ? table(fields) : `<p>${escaped(description)}</p>`}`
    })
  const asked = [...parameters, ...(sent ? fieldsOf(sent) : [])]
  return `<section id="${escaped(operation.operationId)}">
<h3>${escaped(operation.summary)}</h3>
<p><code><b>${escaped(method)}</b> ${escaped(path)}</code> <small>${escaped(operation.operationId)}</small></p>
${asked.length > 0 ? `<h4>Request</h4>${table(asked)}` : ''}${answers.join('')}</section>`
}

function table(fields: Field[]): string {
  const rows = fields.map(
    ({ name, type, needed, about }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${escaped(type)}</td><td>${needed ? 'yes' : ''}</td><td>${escaped(about)}</td></tr>`,
  )
  return `<div class="wide"><table><thead><tr><th>Name</th><th>Type</th><th>Needed</th><th>Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

/** The fields of an object and of the objects in it, with the way to them as their names. */
function fieldsOf(schema: JsonSchema, prefix = ''): Field[] {
  const needed = new Set((schema.required as string[] | undefined) ?? [])
  return (
    Object.entries((schema.properties as Record<string, JsonSchema> | undefined) ?? {})
      // A field that nothing fits is one of a deployment that Keystead does not have.
      .filter(([, field]) => !('not' in field))
      .flatMap(([name, field]) => {
        const inner = field.type === 'array' ? (field.items as JsonSchema) : field
        const path = `${prefix}${name}${field.type === 'array' ? '[]' : ''}`
        const own = { name: path, type: typeOf(field), needed: needed.has(name), about: aboutOf(field) }
        return [own, ...(inner.properties ? fieldsOf(inner, `${path}.`) : [])]
      })
  )
}

function typeOf(schema: JsonSchema): string {
  const choices = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined
  if (choices) return [...new Set(choices.map(typeOf))].join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items as JsonSchema)}`
  return String(schema.type ?? 'text')
}

function aboutOf(schema: JsonSchema): string {
  const parts = [schema.description]
  const items = schema.items as JsonSchema | undefined
  if (Array.isArray(items?.enum)) parts.push(items.enum.join(' | '))
  if (Array.isArray(schema.enum)) parts.push(schema.enum.join(' | '))
  if (schema.const !== undefined) parts.push(String(schema.const))
  if (typeof schema.pattern === 'string' && !schema.description) parts.push(schema.pattern)
  if (schema.default !== undefined && schema.default !== '')
    parts.push(`default ${JSON.stringify(schema.default)}`)
  return parts.filter(Boolean).join(' · ')
}

const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
* { box-sizing: border-box; }
body { margin: 0; display: flex; font: 14px/1.5 system-ui, sans-serif; }
nav { flex: 0 0 260px; height: 100vh; position: sticky; top: 0; overflow: auto; padding: 16px; border-right: 1px solid var(--line); }
nav ul { list-style: none; margin: 0 0 8px; padding: 0; }
nav ul ul { padding-left: 12px; }
nav a { color: inherit; text-decoration: none; }
nav a:hover, nav a:focus-visible { text-decoration: underline; }
main { flex: 1; min-width: 0; max-width: 960px; padding: 16px 32px 64px; overflow-wrap: anywhere; }
.title { font-weight: 600; margin: 0 0 8px; }
h2 { margin-top: 48px; border-bottom: 1px solid var(--line); padding-bottom: 8px; }
section { padding-top: 16px; }
h4 { margin: 16px 0 4px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
table { table-layout: fixed; min-width: 560px; }
th:nth-child(1) { width: 30%; }
th:nth-child(2) { width: 18%; }
th:nth-child(3) { width: 72px; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
a { color: inherit; }
small { opacity: 0.75; margin-left: 8px; }
code { font: 13px/1.5 ui-monospace, monospace; }
@media (max-width: 720px) { body { display: block; } nav { height: auto; position: static; border: 0; } main { padding: 16px; } }
`
