/** One number of a scrape. */
export type Sample = { name: string; labels: Record<string, string>; value: number }

/** A family of numbers: what stands between one `# HELP` and the next. */
export type Family = { help: string; type: string; samples: Sample[] }

const head = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/
const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?/y

/**
 * Reads the text format of Prometheus (version 0.0.4), by the book: every family once, help and type before its samples,
 * no series twice, numbers that are numbers.
 */
export function readExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  let name = ''
  if (!text.endsWith('\n')) throw new Error('the last line is not ended')
  for (const written of text.split('\n')) {
    if (written === '') continue
    const comment = head.exec(written)
    if (comment) {
      const [, kind, of = '', words = ''] = comment
      if (kind === 'HELP') {
        if (families.has(of)) throw new Error(`${of} stands there twice`)
        families.set(of, { help: words, type: '', samples: [] })
        name = of
      } else {
        const family = families.get(of)
        if (!family || of !== name || family.type !== '') throw new Error(`a type out of place: ${written}`)
        family.type = words
      }
      continue
    }
    const sample = readSample(written)
    const family = families.get(name)
    const own = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name]
    if (!family || !own.includes(sample.name)) throw new Error(`a sample out of place: ${written}`)
    const series = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`
    if (seen.has(series)) throw new Error(`a series twice: ${written}`)
    seen.add(series)
    family.samples.push(sample)
  }
  return families
}

function readSample(written: string): Sample {
  const [, name, inner = '', number = ''] = line.exec(written) ?? []
  if (name === undefined) throw new Error(`not a sample: ${written}`)
  const labels: Record<string, string> = {}
  label.lastIndex = 0
  for (let end = 0; end < inner.length; end = label.lastIndex) {
    const [, key = '', value = ''] = label.exec(inner) ?? []
    if (key === '') throw new Error(`labels that cannot be read: ${written}`)
    labels[key] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }
  const value = { '+Inf': Infinity, '-Inf': -Infinity, Nan: NaN }[number] ?? Number(number)
  if (Number.isNaN(value) && number !== 'Nan' && number !== 'NaN') throw new Error(`not a number: ${written}`)
  return { name, labels, value }
}

/** The sum of a family's samples that carry these labels; 0 where there are none. */
export function sumOf(
  families: Map<string, Family>,
  family: string,
  labels: Record<string, string> = {},
  name = family,
): number {
  const wanted = Object.entries(labels)
  return (families.get(family)?.samples ?? [])
    .filter((sample) => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, sample) => sum + sample.value, 0)
}
