import { createHash } from 'node:crypto'
import type { ConsoleClient } from './console-client.ts'
import { inPairs, type Line, median, milliseconds, times } from './measure.ts'

/** Five runs of forty make the two hundred of the claim. */
const REQUESTS = 40

async function p50(client: ConsoleClient, path: string): Promise<number> {
  const taken: number[] = []
  for (let request = 0; request < REQUESTS; request++) taken.push(await client.get(path))
  return median(taken)
}

/**
 * The list of a project with very many keys against that of one with few, through the whole console: session, rights,
 * queries, rendering, gzip.
 */
export async function keyList(
  client: ConsoleClient,
  { many, few }: { many: string; few: string },
): Promise<Line[]> {
  // The names of the keys carry the MD5 of their number, so both projects have exactly one with this part.
  const rare = createHash('md5').update('42').digest('hex').slice(0, 8)
  const questions = [
    { what: 'first page', query: '' },
    { what: 'substring that one key carries', query: `&q=${rare}` },
    { what: 'substring that a tenth of the keys carry', query: '&q=payments' },
  ]
  const lines: Line[] = []
  for (const { what, query } of questions) {
    const { ratio, ours, reference } = await inPairs(
      () => p50(client, `/keys?project=${many}${query}`),
      () => p50(client, `/keys?project=${few}${query}`),
    )
    lines.push({
      claim: `GET /keys, ${what}, p50 of 200: 100,000 keys against 100`,
      value: times(ratio),
      goal: '≤ 1.5×',
      reached: ratio <= 1.5,
      figures: `${milliseconds(ours)} against ${milliseconds(reference)}, production console, signed in`,
    })
  }
  return lines
}
