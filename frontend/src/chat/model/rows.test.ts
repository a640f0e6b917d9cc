import { describe, expect, it } from 'vitest'
import { itemOf } from './items'
import { firstUnread, rowsOf, TOGETHER_MS } from './rows'
import { items, message, NOON } from './testing'
import type { Item, Row } from './types'

const at = (n: number, ms: number, more: Partial<Item> = {}): Item => ({ ...itemOf(message(n), 'anna'), at: ms, ...more })
const shown = (rows: Row[]): string[] => rows.map((row) => (row.kind === 'item' ? `${row.item.eventId ?? ''}${row.first ? ' first' : ''}` : row.kind))
const notification = { id: 1, event_type: 'x', priority: 'normal' as const, source_app: 'lager', title: 'T' }

describe('rowsOf', () => {
  it('groups what one person wrote within five minutes', () => {
    const all = [at(1, NOON), at(2, NOON + TOGETHER_MS - 1), at(3, NOON + 2 * TOGETHER_MS - 1), at(4, NOON + 2 * TOGETHER_MS, { senderId: 'carl' })]
    expect(shown(rowsOf(all, null))).toEqual(['day', '$1 first', '$2', '$3 first', '$4 first'])
  })

  it('begins a group anew after a day, the unread line and a notification', () => {
    const midnight = new Date(2026, 2, 3).getTime()
    const all = [
      at(1, midnight - 2000),
      at(2, midnight - 1000),
      at(3, midnight),
      at(4, midnight + 1000),
      at(5, midnight + 2000, { notification }),
      at(6, midnight + 3000),
    ]
    expect(shown(rowsOf(all, '$4'))).toEqual(['day', '$1 first', '$2', 'day', '$3 first', 'unread', '$4 first', '$5 first', '$6 first'])
  })

  it('keeps rows that did not change', () => {
    const all = items(1, 3)
    const before = rowsOf(all, null)
    const after = rowsOf([...items(0, 0), ...all], null, before)
    expect(after[2]).not.toBe(before[1])
    expect(after.slice(3)).toEqual(before.slice(2))
    after.slice(3).forEach((row, index) => expect(row).toBe(before[index + 2]))
    expect(rowsOf(all, null, before).every((row, index) => row === before[index])).toBe(true)
  })

  it('has a key for each row that no other has', () => {
    const keys = rowsOf([at(1, NOON), at(2, NOON + 86_400_000), at(3, NOON + 2 * 86_400_000)], '$2').map((row) => row.key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('firstUnread', () => {
  const all = [...items(1, 2), { ...(items(3, 3)[0] as Item), mine: true }, ...items(4, 5)]
  it('is the first of others after the marker', () => {
    expect(firstUnread(all, '$2', 2, true)).toBe('$4')
    expect(firstUnread(all, '$1', 3, true)).toBe('$2')
    expect(firstUnread(all, '$5', 1, true)).toBeNull()
  })
  it('is not known while the marker is not loaded', () => {
    expect(firstUnread(all, '$0', 9, true)).toBeNull()
  })
  it('is counted from the end where nothing was read yet', () => {
    expect(firstUnread(all, null, 2, true)).toBe('$4')
    expect(firstUnread(all, null, 5, true)).toBeNull()
    expect(firstUnread(all, null, 5, false)).toBe('$1')
  })
})
