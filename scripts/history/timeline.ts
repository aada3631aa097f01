import type { SwitchChange } from './history.ts'

/** The changes of one switch, in the order in which they began. */
export class Timeline {
  readonly changes: SwitchChange[] = []

  add(change: SwitchChange): void {
    const last = this.changes.at(-1)
    if (last && last.begin > change.begin)
      throw new Error('changes are added in the order of their beginnings')
    this.changes.push(change)
  }

  /**
   * The change after which the switch was `to` at every moment from `from` until `until`, whatever order overlapping
   * changes took effect in: it had returned by `from`, and no opposite one that may have taken effect after it had
   * begun by `until`. Null: that is not sure.
   */
  surely(to: 'on' | 'off', from: number, until: number): SwitchChange | null {
    for (let at = this.changes.length - 1; at >= 0; at--) {
      const change = this.changes[at] as SwitchChange
      if (change.begin >= until) continue
      if (change.to !== to) return null
      if (change.outcome !== 'returned' || change.end > from) continue
      return this.#overlapsOpposite(at) ? null : change
    }
    return null
  }

  /** Whether an opposite change that began earlier may have taken effect later. */
  #overlapsOpposite(at: number): boolean {
    const { begin, to } = this.changes[at] as SwitchChange
    for (let earlier = at - 1; earlier >= 0; earlier--) {
      const one = this.changes[earlier] as SwitchChange
      if (one.to !== to && one.end > begin) return true
    }
    return false
  }
}
