const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A size in binary units with at most one decimal: 512 → "512 B", 4096 → "4 KiB", 1536 → "1.5 KiB". */
export function formatBytes(bytes: number): string {
  let size = bytes
  let at = 0
  while (size >= 1024 && at < units.length - 1) {
    size /= 1024
    at += 1
  }
  return `${Math.round(size * 10) / 10} ${units[at]}`
}
