import { createHash } from 'node:crypto'
import type { ConsoleClient } from './console-client.ts'
import { atMost, inPairs, type Line, milliseconds } from './measure.ts'

/** Five runs of forty make the two hundred of the claim. */
const REQUESTS = 40

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
    { what: 'first page', query: '', promised: true },
    { what: 'substring that one key carries', query: `&q=${rare}`, promised: true },
    { what: 'substring that a tenth of the keys carry', query: '&q=payments', promised: false },
  ]
  const lines: Line[] = []
  for (const { what, query, promised } of questions) {
    const { ratio, ours, reference } = await inPairs(
      () => client.get(`/keys?project=${many}${query}`),
      () => client.get(`/keys?project=${few}${query}`),
      { repetitions: REQUESTS },
    )
    const { value, goal } = atMost(1.5, ratio)
    lines.push({
      claim: `GET /keys, ${what}, p50 of 200: 100,000 keys against 100`,
      value,
      ...(promised && { goal }),
      figures: `${milliseconds(ours)} against ${milliseconds(reference)}, production console, signed in`,
    })
  }
  return lines
}
