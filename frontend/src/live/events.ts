import type { Event, Message } from '@/api/schema'

/** A message as the stream tells it: `client_id` is the sender's own name for it, which lets the tab that sent it know it again. */
export type LiveMessage = Message & { mentions?: string[]; client_id?: string | null }

type WithMessage<T> = T extends { type: 'new_message' | 'notification' }
  ? T & { message?: LiveMessage; client_id?: string | null; mentions?: string[] }
  : T

/**
 * What the event stream tells with `?v=2` (contract R25). What lasts has an `id`, which only ever grows; `typing` and
 * `presence` have none.
 */
export type LiveEvent = WithMessage<Event> & { id?: number }

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

/** The whole message of an event that brings one; made of the event's own fields when the service does not send it along. */
export function messageOf(event: LiveEventOf<'new_message'> | LiveEventOf<'notification'>): LiveMessage {
  const clientId = event.client_id ?? event.message?.client_id ?? null
  if (event.message !== undefined) return { ...event.message, client_id: clientId }
  const common = {
    event_id: event.event_id,
    room_id: event.room_id,
    sender: event.sender,
    sender_display_name: event.sender_display_name,
    msg_type: event.msg_type,
    sent_at: event.sent_at,
    timestamp: event.sent_at.slice(0, 19),
    reactions: [],
    mentions: event.mentions ?? [],
    client_id: clientId,
  }
  if (event.type === 'notification') {
    const { notification_id: id, event_type, title, body, priority, source_app } = event
    const text = typeof body === 'string' && body !== '' ? `${title}\n\n${body}` : title
    // The id of an application is the local part of its Matrix account.
    const who = event.sender.slice(1).split(':')[0] ?? source_app
    const notification = { id, event_type, title, body, priority, source_app }
    return { ...common, hub_user_id: who, body: text, edited: false, deleted: false, notification }
  }
  return {
    ...common,
    hub_user_id: event.hub_user_id,
    body: event.body,
    edited: event.edited ?? false,
    deleted: event.deleted ?? false,
    reply_to: event.reply_to,
    url: event.url,
    filename: event.filename,
    size: event.size,
    mime_type: event.mime_type,
  }
}
