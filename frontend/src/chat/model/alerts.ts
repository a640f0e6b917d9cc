import type { Message, Room } from './types'

/** What somebody chose to be told of. */
export interface NotifyChoices {
  /** Notifications of the browser while nobody is at these pages. */
  desktop: boolean
  /** A short sound with them. */
  sound: boolean
  /** Of messages only those that speak to one, and those of direct rooms; notifications of applications always. */
  mentionsOnly: boolean
}

/** Something to tell of. */
export interface Alert {
  roomId: string
  eventId: string
  title: string
  text: string
  urgent: boolean
  /** It is for this person: a mention, a direct message or a notification. */
  personal: boolean
}

/** The longest text of an alert, in characters. */
const MOST = 140
/** What is told later than this after it was sent is no news any more, in milliseconds. */
export const NEWS_MS = 2 * 60_000

/** One line of at most `MOST` characters. */
function short(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim()
  const letters = [...line]
  return letters.length > MOST ? `${letters.slice(0, MOST - 1).join('')}…` : line
}

/**
 * What to say of a message; `null` when there is nothing: it is one's own, changed, deleted, or old news after a reconnect.
 */
export function alertOf(message: Message, room: Room | undefined, me: string, now: number): Alert | null {
  const old = now - Date.parse(message.sent_at) > NEWS_MS
  if (message.hub_user_id === me || message.deleted || message.edited || old) return null
  const { room_id: roomId, event_id: eventId, notification } = message
  const name = room?.name ?? ''
  if (notification != null) {
    const urgent = notification.priority === 'urgent'
    const text = short(notification.body ?? name)
    return { roomId, eventId, title: short(notification.title), text, urgent, personal: true }
  }
  const direct = room?.room_type === 'dm'
  const personal = direct || (message.mentions ?? []).includes(me)
  const title = short(direct || name === '' ? message.sender_display_name : `${message.sender_display_name} · ${name}`)
  return { roomId, eventId, title, text: short(message.body), urgent: false, personal }
}

/** What stands before the title of the pages: `(3) `, `(3!) ` when something urgent waits, or nothing. */
export function badge(unread: number, urgent: boolean): string {
  if (unread <= 0 && !urgent) return ''
  const count = unread > 99 ? '99+' : String(Math.max(unread, 0))
  return `(${count}${urgent ? '!' : ''}) `
}
