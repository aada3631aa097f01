import type { FieldValues, Path, PathValue, UseFormReturn } from 'react-hook-form'

/**
 * Takes over what was typed or picked before the scripts were there: React leaves it on the screen, but the form does
 * not know of it and the next keystroke elsewhere would put the old value back.
 */
export function takeTypedBefore<Input extends FieldValues>(
  element: HTMLFormElement,
  form: UseFormReturn<Input>,
): void {
  const changed = [...element.elements].flatMap((control) => {
    const shown = shownBy(control)
    const known: unknown = shown && form.getValues(shown.name as Path<Input>)
    return shown && known !== undefined && known !== shown.value ? [shown] : []
  })
  // Only now: a field may follow another, and what it showed before is not what somebody picked.
  for (const { name, value } of changed) {
    form.setValue(name as Path<Input>, value as PathValue<Input, Path<Input>>, { shouldDirty: true })
  }
}

function shownBy(control: Element): { name: string; value: string | boolean } | null {
  if (control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement) {
    return control.name ? { name: control.name, value: control.value } : null
  }
  if (!(control instanceof HTMLInputElement) || !control.name) return null
  if (control.type === 'checkbox') return { name: control.name, value: control.checked }
  if (control.type === 'radio' && !control.checked) return null
  return { name: control.name, value: control.value }
}
