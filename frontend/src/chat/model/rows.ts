import type { Item, Row } from './types'

/** Messages of one person within this time stand together under one name. */
export const TOGETHER_MS = 5 * 60_000

/** The beginning of the day, in the time of this device, as a text that is the same all day. */
export function dayOf(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`
}

/**
 * The rows of items: a row for each day, one where the unread ones begin, and one for each message. `unread`: the key of the
 * first unread one. Rows of `before` that are the same still are used again, so that a list need not draw them anew.
 */
export function rowsOf(items: Item[], unread: string | null, before: Row[] = []): Row[] {
  const former = new Map(before.map((row) => [row.key, row]))
  const rows: Row[] = []
  let above: Item | null = null
  let day = ''
  for (const item of items) {
    const today = dayOf(item.at)
    let cut = above === null
    if (today !== day) {
      day = today
      cut = true
      const key = `day ${today}`
      rows.push(former.get(key) ?? { kind: 'day', key, at: item.at })
    }
    if (item.key === unread) {
      cut = true
      rows.push(former.get('unread') ?? { kind: 'unread', key: 'unread' })
    }
    const first =
      cut ||
      above === null ||
      above.senderId !== item.senderId ||
      above.notification !== null ||
      item.notification !== null ||
      item.at - above.at >= TOGETHER_MS
    const same = former.get(item.key)
    rows.push(
      same?.kind === 'item' && same.item === item && same.first === first ? same : { kind: 'item', key: item.key, item, first },
    )
    above = item
  }
  return rows
}

/**
 * The key of the first message of others after the one that was read last; `null` when there is none or it is not loaded.
 * Somebody who has read nothing here yet, because they came later, finds it by how many are unread.
 */
export function firstUnread(items: Item[], lastRead: string | null, unread: number, hasBefore: boolean): string | null {
  const others = (item: Item): boolean => !item.mine && !item.deleted
  if (lastRead !== null) {
    const at = items.findIndex((item) => item.eventId === lastRead)
    return at < 0 ? null : (items.slice(at + 1).find(others)?.key ?? null)
  }
  const from = items.filter(others)
  return (hasBefore ? from.at(-unread) : (from.at(-unread) ?? from[0]))?.key ?? null
}
