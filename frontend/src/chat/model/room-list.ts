import type { Message, Room } from './types'

/** When something last happened in a room, in milliseconds UTC. */
export function activity(room: Room): number {
  return Date.parse(room.last_message?.sent_at ?? room.created_at) || 0
}

/** What a text is searched as: without case and accents. */
export function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** What a message does to the counts of its room. */
export interface Heard {
  message: Message
  mine: boolean
  /** Somebody is looking at the end of the room, so it is read in the same moment. */
  seen: boolean
}

/**
 * The rooms, the last active first. Each change makes new objects of the touched rooms and one new list, whatever happened in
 * a batch; the other rooms stay the same objects.
 */
export class RoomList {
  private readonly rooms = new Map<string, Room>()
  private order: Room[] = []
  /** Messages up to this moment are in the counts that the service gave, by room. */
  private readonly counted = new Map<string, { at: number; ids: Set<string> }>()
  private touched = new Map<string, Room>()
  unread = 0
  urgent = 0

  /** All, the last active first; a new array after `commit`. */
  get list(): Room[] {
    return this.order
  }

  get(roomId: string): Room | undefined {
    return this.rooms.get(roomId)
  }

  /** These and no others. */
  replace(rooms: Room[]): void {
    for (const roomId of [...this.rooms.keys()]) this.remove(roomId)
    for (const room of rooms) this.set(room)
    this.commit()
  }

  /** A room as the service has it. */
  set(room: Room): void {
    const at = room.last_message === null ? 0 : activity(room)
    const ids = new Set(room.last_message === null ? [] : [room.last_message.event_id])
    this.counted.set(room.room_id, { at, ids })
    this.put(room)
  }

  /** Changes something of a room. */
  change(roomId: string, change: Partial<Room>): void {
    const room = this.rooms.get(roomId)
    if (room !== undefined) this.put({ ...room, ...change })
  }

  /** A room that one does not see any more. */
  remove(roomId: string): void {
    const room = this.rooms.get(roomId)
    if (room === undefined) return
    this.count(room, -1)
    this.rooms.delete(roomId)
    this.counted.delete(roomId)
    this.touched.delete(roomId)
    this.order = this.order.filter((one) => one.room_id !== roomId)
  }

  /**
   * A message that was heard of; `false` when the room is unknown. One that is told late, after the room was loaded, is in the
   * room's counts already.
   */
  hear({ message, mine, seen }: Heard): boolean {
    const room = this.rooms.get(message.room_id)
    const counted = this.counted.get(message.room_id)
    if (room === undefined || counted === undefined) return false
    const at = Date.parse(message.sent_at)
    if (at < counted.at || counted.ids.has(message.event_id)) return true
    counted.ids.add(message.event_id)
    // The oldest are long past.
    if (counted.ids.size > 500) counted.ids.delete(counted.ids.values().next().value ?? '')
    const counts = !mine && !seen && !message.deleted
    const urgent = counts && message.notification?.priority === 'urgent'
    const newer = room.last_message === null || at >= activity(room)
    this.put({
      ...room,
      last_message: newer ? message : room.last_message,
      message_count: room.message_count + 1,
      unread_count: room.unread_count + (counts ? 1 : 0),
      urgent_unread: room.urgent_unread || urgent,
    })
    return true
  }

  /** Makes the list of what was changed since the last time. */
  commit(): void {
    if (this.touched.size === 0) return
    const touched = [...this.touched.values()].sort((a, b) => activity(b) - activity(a))
    const rest = this.order.filter((room) => !this.touched.has(room.room_id))
    this.touched = new Map()
    this.order = merged(touched, rest)
  }

  private put(room: Room): void {
    const former = this.rooms.get(room.room_id)
    if (former !== undefined) this.count(former, -1)
    this.count(room, 1)
    this.rooms.set(room.room_id, room)
    this.touched.set(room.room_id, room)
  }

  private count(room: Room, sign: 1 | -1): void {
    this.unread += sign * room.unread_count
    if (room.urgent_unread) this.urgent += sign
  }
}

/** Two sorted lists as one. */
function merged(a: Room[], b: Room[]): Room[] {
  const all: Room[] = []
  let at = 0
  for (const room of a) {
    const when = activity(room)
    for (let other = b[at]; other !== undefined && activity(other) > when; other = b[at]) {
      all.push(other)
      at += 1
    }
    all.push(room)
  }
  return [...all, ...b.slice(at)]
}
