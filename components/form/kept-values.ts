/** Carries what was typed over a reload of the page, in this tab only. Never used for forms that hold secrets. */
const prefix = 'keystead.form.'

export function keepValues(form: string, values: unknown) {
  try {
    sessionStorage.setItem(prefix + form, JSON.stringify(values))
  } catch {
    // Storage can be full or forbidden; then the reload loses what was typed, as without this.
  }
}

/** Gives the kept values back, once. */
export function takeKeptValues(form: string): unknown {
  try {
    const text = sessionStorage.getItem(prefix + form)
    if (text === null) return undefined
    sessionStorage.removeItem(prefix + form)
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
