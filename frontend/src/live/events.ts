import type { Event, Message } from '@/api/schema'

/** With `?v=2` messages and notifications come whole. */
type Whole<T> = T extends { type: 'new_message' | 'notification' } ? Omit<T, 'message'> & { message: Message } : T

/**
 * What the event stream tells with `?v=2` (contract R25). What lasts has an `id`, which only ever grows; `typing` and
 * `presence` have none.
 */
export type LiveEvent = Whole<Event> & { id?: number }

/** One type of event. */
export type LiveEventOf<T extends LiveEvent['type']> = Extract<LiveEvent, { type: T }>

/**
 * The event in the data of one frame. `null` for what is no event, so that a service newer than these pages cannot stop
 * them.
 */
export function parseEvent(data: string, id?: string): LiveEvent | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(data)
  } catch {
    return null
  }
  if (typeof parsed !== 'object' || parsed === null || !('type' in parsed) || typeof parsed.type !== 'string') return null
  const event = parsed as LiveEvent
  const number = Number(id)
  return id !== undefined && id !== '' && Number.isSafeInteger(number) ? { ...event, id: number } : event
}
