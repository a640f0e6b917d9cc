import type { Item, Message } from './types'
import { itemOf } from './items'

/** The moment that tests count from: noon, so that a few hours stay on one day in every time zone of Europe. */
export const NOON = Date.parse('2026-03-02T12:00:00.000Z')

/** A message for tests: `n` gives its id and its time, in seconds after noon. */
export function message(n: number, more: Partial<Message> = {}): Message {
  return {
    event_id: `$${n}`,
    room_id: '!r',
    sender: '@ben:hub',
    sender_display_name: 'Ben',
    hub_user_id: 'ben',
    body: `text ${n}`,
    msg_type: 'm.text',
    sent_at: new Date(NOON + n * 1000).toISOString(),
    timestamp: '',
    edited: false,
    deleted: false,
    reactions: [],
    mentions: [],
    ...more,
  }
}

/** The items of messages from one number to another. */
export function items(from: number, to: number): Item[] {
  return Array.from({ length: to - from + 1 }, (_, index) => itemOf(message(from + index), 'anna'))
}

/** Numbers from one to another. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

/** The ids of items, as numbers where they are some. */
export function ids(all: Item[]): (number | string)[] {
  return all.map((item) => (item.eventId?.startsWith('$') ? Number(item.eventId.slice(1)) : item.key))
}

declare const process: { cpuUsage: () => { user: number; system: number } }

/** Milliseconds of work of this process so far. The clock also counts what others do on a machine that is busy. */
export function worked(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
