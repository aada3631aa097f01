/**
 * Puts the numbers of several processes into one exposition in the text format of Prometheus. Each family is described
 * once, with the samples of all processes below; they differ in the label `process`, so nothing is added up here.
 */
export function mergeMetrics(texts: readonly string[]): string {
  const families = new Map<string, { head: string[]; samples: string[] }>()
  for (const text of texts) {
    let family = { head: [] as string[], samples: [] as string[] }
    for (const line of text.split('\n')) {
      const name = /^# HELP (\S+)/.exec(line)?.[1]
      if (name !== undefined) {
        const known = families.get(name)
        family = { head: known ? [] : [line], samples: known?.samples ?? [] }
        if (!known) families.set(name, family)
      } else if (line.startsWith('#')) family.head.push(line)
      else if (line !== '') family.samples.push(line)
    }
  }
  return [...families.values()].map(({ head, samples }) => `${[...head, ...samples].join('\n')}\n`).join('\n')
}
