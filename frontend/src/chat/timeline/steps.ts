import type { Row } from '@/chat/model/types'

/** One change of what the list shows. `shift`: it changes at the start, so the list holds on to its end. */
export interface Step<R> {
  rows: R[]
  shift: boolean
}

const isAnchor = (row: { kind: string }): boolean => row.kind === 'item'

/**
 * How to get from one list of rows to the next without what is on the screen moving. The virtual list can hold on to its end or its
 * start, not to both: a change at both ends is made in two steps. `null` when the lists have nothing in common: another place of the
 * room, for which the list starts anew.
 */
export function steps<R extends { kind: string; key: string } = Row>(before: R[], after: R[]): Step<R>[] | null {
  const first = before.findIndex(isAnchor)
  if (first < 0) return null
  const keys = new Map(after.map((row, index) => [row.key, index]))
  // The first one of before that is still there tells how the start has moved.
  let anchor = -1
  for (let index = first; index < before.length; index += 1) {
    const row = before[index]
    if (row !== undefined && isAnchor(row) && keys.has(row.key)) {
      anchor = index
      break
    }
  }
  const anchorRow = before[anchor]
  if (anchor < 0 || anchorRow === undefined) return null
  const now = keys.get(anchorRow.key) ?? 0
  const moved = now - anchor
  if (moved === 0) return [{ rows: after, shift: false }]
  // Only the start changed: the ends are alike.
  if (before.length + moved === after.length) return [{ rows: after, shift: true }]
  return [
    { rows: [...after.slice(0, now), ...before.slice(anchor)], shift: true },
    { rows: after, shift: false },
  ]
}
