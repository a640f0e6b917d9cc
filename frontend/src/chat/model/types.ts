import type { EmojiReactions, Member, Message, NotificationFields, Room, RoomKind } from '@/api/schema'
import type { ApiError } from '@/api/errors'

export type { Member, Message, Room, RoomKind }

/** How somebody is, as the service says it. */
export type Presence = 'online' | 'unavailable' | 'offline'

/** How far something of one's own has come. What came from the service is `sent`. */
export type SendState = 'waiting' | 'sending' | 'sent' | 'failed'

/** A message of the timeline: one from the service, or one of one's own that is on its way. */
export interface Item {
  /** Stays the same from the first moment to the end, also when the message gets its event id: the key in lists. */
  key: string
  /** `null` until the service has accepted it. */
  eventId: string | null
  roomId: string
  senderId: string
  senderName: string
  mine: boolean
  /** Milliseconds UTC. */
  at: number
  body: string
  msgType: string
  edited: boolean
  deleted: boolean
  reactions: EmojiReactions[]
  replyTo: string | null
  mentions: string[]
  notification: NotificationFields | null
  /** Of a file. `url` is a path of the API; `local` an object URL of one's own that is on its way. */
  file: { url: string | null; local: string | null; name: string; size: number | null; mime: string | null } | null
  state: SendState
  /** Of a file that is being sent: 0 to 1. */
  progress: number | null
  error: ApiError | null
}

/** A row of the timeline as it is shown. */
export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: string }
  /** `first`: the row says who wrote it and when; the ones after it of the same person within five minutes do not. */
  | { kind: 'item'; key: string; item: Item; first: boolean }
