import type { Event, Message, Room } from '@/api/schema'

/** A notification as the widget shows it, and as its event `messenger-notification` tells it to the page around it. */
export interface WidgetNotification {
  notification_id: number
  event_id: string
  room_id: string
  source_app: string
  event_type: string
  title: string
  body: string | null
  priority: 'normal' | 'urgent'
  /** RFC 3339, UTC. */
  sent_at: string
}

/** How much is unread: what the event `messenger-unread` tells. */
export interface Unread {
  unread: number
  /** Whether an unread one is urgent. */
  urgent: boolean
}

/** A room with something unread. */
export interface UnreadRoom {
  room_id: string
  name: string | null
  unread: number
  urgent: boolean
}

/** What has to be done about an event. */
export interface Outcome {
  /** Something that is shown is different now. */
  changed: boolean
  /** The rooms have to be asked for again. */
  reload: boolean
  /** A notification that is new. */
  arrived: WidgetNotification | null
}

/** The most notifications that are kept. */
const KEPT = 20
/** The newest first, wherever they came from. */
const newestFirst = (a: { sent_at: string }, b: { sent_at: string }): number => b.sent_at.localeCompare(a.sent_at)

// The field is newer than the description that the types are made of.
type ListedRoom = Room & { urgent_unread?: boolean }

/** What the widget knows: rooms with what is unread in them, and the newest notifications. */
export class WidgetState {
  #me = ''
  #rooms = new Map<string, UnreadRoom>()
  /** The newest message of each room when the rooms were listed: the list counts it and those before it. */
  #listed = new Map<string, { event_id: string; sent_at: string }>()
  #notifications: WidgetNotification[] = []

  /** Begins anew with what the service lists. */
  load(me: string, rooms: ListedRoom[], messages: Message[]): void {
    if (me !== this.#me) this.#notifications = []
    this.#me = me
    this.#rooms = new Map(
      rooms.map((room) => [
        room.room_id,
        {
          room_id: room.room_id,
          name: room.name ?? null,
          unread: room.unread_count,
          urgent: room.urgent_unread ?? (room.unread_count > 0 && room.last_message?.notification?.priority === 'urgent'),
        },
      ]),
    )
    this.#listed = new Map(rooms.flatMap(({ room_id, last_message }) => (last_message ? [[room_id, last_message]] : [])))
    for (const message of [...rooms.map((room) => room.last_message), ...messages]) {
      const { notification } = message ?? {}
      if (!message || !notification || message.deleted) continue
      this.#add({
        notification_id: notification.id,
        event_id: message.event_id,
        room_id: message.room_id,
        source_app: notification.source_app,
        event_type: notification.event_type,
        title: notification.title,
        body: notification.body ?? null,
        priority: notification.priority,
        sent_at: message.sent_at,
      })
    }
    this.#notifications = this.#notifications.filter(({ room_id }) => this.#rooms.has(room_id))
  }

  /** Takes an event of the stream. */
  apply(event: Event): Outcome {
    const outcome: Outcome = { changed: false, reload: false, arrived: null }
    switch (event.type) {
      case 'notification': {
        const { notification_id, event_id, room_id, source_app, event_type, title, priority, sent_at } = event
        const arrived = { notification_id, event_id, room_id, source_app, event_type, title, body: event.body ?? null, priority, sent_at }
        // After a reconnect the same one may be told again.
        if (!this.#add(arrived)) break
        outcome.arrived = arrived
        outcome.changed = true
        outcome.reload = !this.#count(event, priority === 'urgent')
        break
      }
      case 'new_message':
        if (event.hub_user_id === this.#me || event.deleted) break
        outcome.reload = !this.#count(event, false)
        outcome.changed = true
        break
      case 'message_deleted':
        this.#notifications = this.#notifications.filter(({ event_id }) => event_id !== event.event_id)
        outcome.changed = outcome.reload = true
        break
      case 'read':
      case 'membership':
        outcome.reload = event.hub_user_id === this.#me
        break
      case 'gap':
        outcome.reload = true
        break
    }
    return outcome
  }

  /** Forgets everything: somebody else may be next. */
  clear(): void {
    this.#me = ''
    this.#rooms.clear()
    this.#listed.clear()
    this.#notifications = []
  }

  get total(): Unread {
    const rooms = this.unreadRooms
    return { unread: rooms.reduce((sum, room) => sum + room.unread, 0), urgent: rooms.some((room) => room.urgent) }
  }

  /** Urgent ones first, then as the service lists them: by their last activity. */
  get unreadRooms(): UnreadRoom[] {
    const rooms = [...this.#rooms.values()].filter((room) => room.unread > 0)
    return [...rooms.filter((room) => room.urgent), ...rooms.filter((room) => !room.urgent)]
  }

  get notifications(): readonly WidgetNotification[] {
    return this.#notifications
  }

  /** True when it was not there before. */
  #add(notification: WidgetNotification): boolean {
    if (this.#notifications.some(({ event_id }) => event_id === notification.event_id)) return false
    this.#notifications = [...this.#notifications, notification].sort(newestFirst).slice(0, KEPT)
    return true
  }

  /** One more is unread in a room, unless it was listed with it; false when the room is not known. It moves to the front. */
  #count({ room_id: roomId, event_id, sent_at }: { room_id: string; event_id: string; sent_at: string }, urgent: boolean): boolean {
    const room = this.#rooms.get(roomId)
    if (room === undefined) return false
    const listed = this.#listed.get(roomId)
    // What happens while the rooms are asked for may be told after their list has come.
    if (listed !== undefined && (listed.event_id === event_id || sent_at < listed.sent_at)) return true
    this.#rooms.delete(roomId)
    this.#rooms = new Map([[roomId, { ...room, unread: room.unread + 1, urgent: room.urgent || urgent }], ...this.#rooms])
    return true
  }
}
