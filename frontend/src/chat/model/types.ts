import type { EmojiReactions, Member, Message, NotificationFields, Room as ApiRoom, RoomKind, User } from '@/api/schema'
import type { ApiError } from '@/api/errors'

export type { EmojiReactions, Member, RoomKind, User }
export type { Presence } from '@/api/schema'

export type { Message } from '@/api/schema'

/** A room as the list and the room itself show it: nothing is left out, what there is not is `null`. */
export type Room = Omit<ApiRoom, 'last_message' | 'last_read_event_id' | 'peer'> & {
  last_message: Message | null
  last_read_event_id: string | null
  peer: NonNullable<ApiRoom['peer']> | null
}

/** A person a text speaks to. */
export interface Mention {
  hubUserId: string
  name: string
}

/** How far something of one's own has come. What came from the service is `sent`. */
export type SendState = 'waiting' | 'sending' | 'sent' | 'failed'

/** A file of a message. `url` is a path of the API; `local` an object URL of one's own that is on its way. */
export interface ItemFile {
  url: string | null
  local: string | null
  name: string
  /** Bytes. */
  size: number | null
  mime: string | null
}

/** A message of the timeline: one from the service, or one of one's own that is on its way. Never changed, always replaced. */
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
  /** When it was last changed, in milliseconds UTC. */
  editedAt: number | null
  deleted: boolean
  reactions: EmojiReactions[]
  replyTo: string | null
  mentions: string[]
  notification: NotificationFields | null
  file: ItemFile | null
  state: SendState
  /** Of a file that is being sent: 0 to 1. */
  progress: number | null
  error: ApiError | null
}

/** A row of the timeline as it is shown. A row that did not change is the same object as before. */
export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: string }
  /** `first`: the row says who wrote it and when; the ones after it of the same person within five minutes do not. */
  | { kind: 'item'; key: string; item: Item; first: boolean }

/** Somebody who has read up to a message. */
export interface Reader {
  hubUserId: string
  name: string
}
