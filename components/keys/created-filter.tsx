import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { TextField } from '#components/ui/text-field.tsx'

/** First and last day of the creation of a key, either of them open; days are those of UTC. */
export function CreatedFilter({
  from,
  to,
  onChange,
}: {
  from: string
  to: string
  onChange: (from: string | null, to: string | null) => void
}) {
  const [first, setFirst] = useState(from)
  const [last, setLast] = useState(to)
  const turned = first !== '' && last !== '' && first > last
  const reason = turned
    ? 'The last day is before the first'
    : first === '' && last === ''
      ? 'Enter a day'
      : null

  return (
    <form
      className="flex flex-wrap items-end gap-2 p-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (reason === null) onChange(first || null, last || null)
      }}
    >
      <TextField
        label="From"
        type="date"
        value={first}
        onChange={(event) => setFirst(event.target.value)}
        autoFocus
      />
      <TextField label="To" type="date" value={last} onChange={(event) => setLast(event.target.value)} />
      <Button type="submit" reason={reason}>
        Apply
      </Button>
      <p className="basis-full text-xs text-dim">Days in UTC, both included. Leave one empty for no limit.</p>
    </form>
  )
}
