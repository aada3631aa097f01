import { randomUUID } from 'node:crypto'

/** Names one request in answers, the log and the audit events, in the form of the API's request ids: 32 hex digits. */
export function newRequestId(): string {
  return randomUUID().replaceAll('-', '')
}
