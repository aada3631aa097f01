/** How many code points a text has. This is how names and tags are counted; `length` counts an emoji twice. */
export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
