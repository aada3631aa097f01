'use client'

import { Search, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { classNames } from '#components/ui/class-names.ts'
import type { KeyListInput } from '#lib/kms/model/inputs/key-filter.ts'
import type { EnterpriseProjectView } from '#lib/kms/model/views.ts'
import { CreatedFilter } from './created-filter.tsx'
import { type Asking, propertyWords, type Suggestion, suggestionsFor, withCreated } from './filter-terms.ts'

/**
 * One box for every filter: what is typed is a keyword, a property is picked or typed, then its value. A combobox
 * with a list; Enter takes what is marked, Escape leaves, Backspace gives a property back. `/` comes here.
 */
export function FilterBox({
  list,
  enterpriseProjects,
  onChange,
}: {
  list: KeyListInput
  enterpriseProjects: readonly EnterpriseProjectView[]
  onChange: (list: KeyListInput) => void
}) {
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState('')
  const [asking, setAsking] = useState<Asking>(null)
  const [isOpen, setOpen] = useState(false)
  const [marked, setMarked] = useState<number | null>(null)
  useSlashKey(input)

  const suggestions = useMemo(
    () => suggestionsFor(list, asking, typed, enterpriseProjects),
    [list, asking, typed, enterpriseProjects],
  )
  // With something typed or asked for, Enter takes the first; on an empty box it must not pick at random
  const at = marked ?? (typed.trim() !== '' || asking ? 0 : -1)
  const current = suggestions[at]
  const asksForDays = asking?.property === 'created'
  const asksForTagKey = asking?.property === 'tag' && asking.tagKey === undefined

  function ask(next: Asking) {
    setAsking(next)
    setTyped('')
    setMarked(null)
    setOpen(true)
  }

  function take(suggestion: Suggestion) {
    if (suggestion.kind === 'property') {
      ask({ property: suggestion.property })
      input.current?.focus()
    } else {
      finish(suggestion.list)
    }
  }

  function finish(next: KeyListInput) {
    onChange(next)
    ask(null)
    setOpen(false)
    input.current?.focus()
  }

  function giveBack() {
    ask(asking?.tagKey === undefined ? null : { property: 'tag' })
  }

  function keyDown(event: KeyboardEvent) {
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        event.preventDefault()
        if (!isOpen) return setOpen(true)
        if (suggestions.length === 0) return
        const step = event.key === 'ArrowDown' ? 1 : -1
        const from = at === -1 && step === -1 ? 0 : at
        return setMarked((from + step + suggestions.length) % suggestions.length)
      }
      case 'Enter':
        if (asksForTagKey && typed.trim()) return ask({ property: 'tag', tagKey: typed.trim() })
        return isOpen && current && take(current)
      case 'Escape':
        if (!isOpen && !asking && !typed) return
        event.preventDefault()
        if (isOpen && !asking && typed === '') return setOpen(false)
        ask(null)
        return setOpen(false)
      case 'Backspace':
        return typed === '' && asking && giveBack()
      default:
        return
    }
  }

  const prefix =
    asking && `${propertyWords[asking.property]}${asking.tagKey === undefined ? '' : ` ${asking.tagKey} =`}`

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: closes the list when the focus leaves the box as a whole
    <div
      ref={box}
      className="relative min-w-0 flex-1 md:min-w-48"
      onBlur={(event) => {
        if (!box.current?.contains(event.relatedTarget)) setOpen(false)
      }}
    >
      <div className="flex h-8 items-center gap-1.5 rounded-md border border-control bg-surface pl-2 transition-colors hover:border-dim has-focus-visible:outline-2 has-focus-visible:outline-accent-line">
        <Search size={16} className="shrink-0 text-dim" aria-hidden="true" />
        {prefix && (
          <span
            id={`${id}-asking`}
            className="max-w-1/2 shrink-0 truncate rounded-sm bg-accent-tint px-1.5 text-sm text-accent"
          >
            {prefix}
          </span>
        )}
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label="Filter keys"
          aria-describedby={prefix ? `${id}-asking` : undefined}
          aria-expanded={isOpen}
          aria-controls={isOpen && !asksForDays ? `${id}-list` : undefined}
          aria-activedescendant={isOpen && current ? `${id}-${current.id}` : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={255}
          placeholder={asking ? placeholders(asking) : 'Keyword or property'}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setMarked(null)
            setOpen(true)
          }}
          onFocus={() => setOpen(true)}
          onClick={() => setOpen(true)}
          onKeyDown={keyDown}
          className="h-full min-w-0 flex-1 bg-transparent text-base text-strong outline-none"
        />
        {asking || typed ? (
          <button
            type="button"
            aria-label="Clear what was typed"
            onClick={() => {
              ask(null)
              input.current?.focus()
            }}
            className="flex size-7 shrink-0 items-center justify-center rounded-sm text-dim hover:text-strong"
          >
            <X size={14} aria-hidden="true" />
          </button>
        ) : (
          <span
            className="mr-1.5 rounded-sm border border-line-strong px-1.5 font-mono text-xs/4 text-dim max-md:hidden"
            title="Press / to come here"
            aria-hidden="true"
          >
            /
          </span>
        )}
      </div>
      {isOpen && (asksForDays || asksForTagKey || suggestions.length > 0 || asking) && (
        <div className="absolute inset-x-0 top-full z-30 mt-1 max-h-[min(22rem,60dvh)] min-w-56 overflow-y-auto rounded-md border border-line-strong bg-raised p-1 shadow-[0_4px_16px_rgb(0_0_0/0.12)]">
          {asksForDays ? (
            <CreatedFilter
              from={list.createdFrom ?? ''}
              to={list.createdTo ?? ''}
              onChange={(from, to) => finish(withCreated(list, from, to))}
            />
          ) : (
            <Suggestions
              id={id}
              suggestions={suggestions}
              current={at}
              note={asking && suggestions.length === 0 ? notes(asking, typed) : null}
              onTake={take}
            />
          )}
        </div>
      )}
    </div>
  )
}

function Suggestions({
  id,
  suggestions,
  current,
  note,
  onTake,
}: {
  id: string
  suggestions: readonly Suggestion[]
  current: number
  note: string | null
  onTake: (suggestion: Suggestion) => void
}) {
  return (
    <>
      <div id={`${id}-list`} role="listbox" aria-label="Filters">
        {suggestions.map((suggestion, at) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled in the box, where the focus stays
          // biome-ignore lint/a11y/useFocusableInteractive: as above, by aria-activedescendant
          <div
            key={suggestion.id}
            id={`${id}-${suggestion.id}`}
            role="option"
            aria-selected={at === current}
            ref={at === current ? scrollIntoView : undefined}
            // Keeps the focus in the box
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onTake(suggestion)}
            className={classNames(
              'flex min-h-8 cursor-pointer items-center rounded-sm px-2 py-1 text-text wrap-anywhere hover:bg-sunken',
              at === current && 'bg-sunken text-strong shadow-[inset_2px_0_0_var(--accent-line)]',
            )}
          >
            {suggestion.label}
            {suggestion.kind === 'property' && (
              <span className="text-dim" aria-hidden="true">
                &nbsp;…
              </span>
            )}
          </div>
        ))}
      </div>
      {note && <p className="px-2 py-1.5 text-sm text-dim">{note}</p>}
    </>
  )
}

function scrollIntoView(option: HTMLElement | null) {
  option?.scrollIntoView({ block: 'nearest' })
}

function placeholders({ property, tagKey }: NonNullable<Asking>): string {
  if (property === 'tag') return tagKey === undefined ? 'Tag key' : 'Tag value, or Enter for any'
  if (property === 'name') return 'Part of the name'
  if (property === 'id') return 'Part of the ID'
  if (property === 'created') return 'First and last day below'
  return 'Pick a value'
}

function notes({ property, tagKey }: NonNullable<Asking>, typed: string): string {
  if (property === 'tag' && tagKey === undefined) {
    return typed ? 'Press Enter, then type its value.' : 'Type the key of the tag, then press Enter.'
  }
  return property === 'name' || property === 'id' ? 'Type, then press Enter.' : 'Nothing matches.'
}

/** `/` brings the focus to the filter, unless something is being typed or a dialog is open. */
function useSlashKey(input: { current: HTMLInputElement | null }) {
  useEffect(() => {
    function keyDown(event: globalThis.KeyboardEvent) {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      const from = event.target
      if (
        from instanceof HTMLElement &&
        from.closest('input:not([type=checkbox]), textarea, select, [role=dialog]')
      ) {
        return
      }
      event.preventDefault()
      input.current?.focus()
    }
    document.addEventListener('keydown', keyDown)
    return () => document.removeEventListener('keydown', keyDown)
  }, [input])
}
