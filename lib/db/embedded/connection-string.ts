/** A connection string for a role of the embedded database, over its private socket. */
export function socketConnectionString(
  role: 'postgres' | 'keystead',
  password: string,
  database: string,
  socket: string,
): string {
  return `postgresql://${role}:${password}@localhost/${database}?host=${encodeURIComponent(socket)}`
}
