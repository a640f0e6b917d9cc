import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { ApiError } from '@/api/errors'
import { useLive, type LiveEvent, type LiveEventOf } from '@/live/live'
import { useSession } from '@/session/session'
import * as calls from './calls'
import { usePeople } from './people'
import { ReadMarks } from './read-marks'
import { plain, RoomList, type Heard } from './room-list'
import { useTimelines } from './timelines'
import type { Member, Room } from './types'

/** Rooms that were heard of but are unknown are fetched together after this time, in milliseconds. */
const FETCH_AFTER_MS = 250
/** How long what was heard is remembered, in milliseconds: longer than any call takes. */
const RECENT_MS = 30_000
/** More rooms than this are fetched with the whole list. */
const FETCH_EACH = 5

/** What one does when somebody is at this tab. */
const attentive = (): boolean => !document.hidden && document.hasFocus()

/** The rooms of the person. */
export const useRooms = defineStore('rooms', () => {
  const live = useLive()
  const session = useSession()
  const people = usePeople()
  const timelines = useTimelines()

  const rooms = new RoomList()
  const list = shallowRef<Room[]>([])
  const loading = ref(false)
  const loaded = ref(false)
  const error = shallowRef<ApiError | null>(null)
  const unreadTotal = ref(0)
  const urgentAny = ref(false)
  /** Rooms whose end is on the screen. */
  const ends = new Set<string>()
  const missing = new Set<string>()
  /** What was heard in the last seconds: what is loaded now may have been read from the store before it. */
  let recent: { at: number; event: LiveEvent }[] = []
  let fetching: ReturnType<typeof setTimeout> | undefined

  const me = (): string => session.me?.hub_user_id ?? ''

  function show(): void {
    rooms.commit()
    list.value = rooms.list
    unreadTotal.value = rooms.unread
    urgentAny.value = rooms.urgent > 0
  }

  const marks = new ReadMarks({
    send: calls.markRead,
    attentive,
    onMark: (roomId, eventId) => read(roomId, eventId),
  })
  addEventListener('focus', () => marks.attend())
  document.addEventListener('visibilitychange', () => marks.attend())

  /** Loads the list. */
  async function load(): Promise<void> {
    if (loading.value) return
    loading.value = true
    error.value = null
    // With the rooms begins what tells of them; it comes later than what is looked at.
    void import('./notify').then(({ useNotify }) => useNotify().start())
    try {
      await live.stands()
      const all = await calls.rooms()
      for (const room of all) meet(room)
      const left = gone()
      rooms.replace(all.filter((room) => !left.has(room.room_id)))
      loaded.value = true
      for (const { event } of recent) again(event)
      for (const { room_id } of all) keepRead(room_id)
      show()
    } catch (cause) {
      error.value = cause instanceof ApiError ? cause : new ApiError(0, {})
    } finally {
      loading.value = false
    }
  }

  /** Learns the names and the presence that a room brings. */
  function meet(room: Room): void {
    if (room.peer !== null) people.learn(room.peer.hub_user_id, room.peer.display_name)
    for (const member of room.members ?? []) people.learn(member.hub_user_id, member.display_name)
    if (room.last_message !== null && room.last_message.notification == null) {
      people.learn(room.last_message.hub_user_id, room.last_message.sender_display_name)
    }
  }

  /** A room as the service has just had it; what was heard meanwhile is not in it yet. */
  function take(room: Room): Room {
    meet(room)
    rooms.set(room)
    for (const { event } of recent) if ('room_id' in event && event.room_id === room.room_id) again(event)
    keepRead(room.room_id)
    show()
    return rooms.get(room.room_id) ?? room
  }

  /** Hears an event once more after the room was loaded, which may have been before the event or after it. */
  function again(event: LiveEvent): void {
    if (event.type === 'new_message' || event.type === 'notification') {
      rooms.hear(heardOf(event))
    } else if (event.type === 'read' && event.hub_user_id === me()) {
      if (rooms.get(event.room_id)?.last_message?.event_id === event.event_id) read(event.room_id, event.event_id)
    } else if (event.type === 'room_changed' || event.type === 'message_updated' || event.type === 'message_deleted') {
      hear(event)
    }
  }

  /** Rooms that one has left in the last seconds, and not come back: a list that was asked for before may have them still. */
  function gone(): Set<string> {
    const left = new Set<string>()
    for (const { event } of recent) {
      if (event.type !== 'membership' || event.hub_user_id !== me()) continue
      if (event.membership === 'leave' || event.membership === 'ban') left.add(event.room_id)
      else left.delete(event.room_id)
    }
    return left
  }

  /** What is read here but not yet told to the service is read, whatever the service says. */
  function keepRead(roomId: string): void {
    const last = rooms.get(roomId)?.last_message
    if (last != null && marks.readUpTo(roomId) >= Date.parse(last.sent_at)) read(roomId, last.event_id)
  }

  function heardOf(event: LiveEventOf<'new_message'> | LiveEventOf<'notification'>): Heard {
    const { message } = event
    return { message, mine: message.hub_user_id === me(), seen: ends.has(message.room_id) && attentive() }
  }

  function remember(events: LiveEvent[]): void {
    const now = Date.now()
    for (const event of events) if (event.id !== undefined) recent.push({ at: now, event })
    const old = recent.findIndex(({ at }) => now - at < RECENT_MS)
    recent = old < 0 ? [] : recent.slice(old)
  }

  /** The room with this id; `undefined` when it is not (yet) known. */
  function byId(roomId: string): Room | undefined {
    void list.value
    return rooms.get(roomId)
  }

  /** The room with this id, from the service when it is not in the list. */
  async function open(roomId: string): Promise<Room> {
    return rooms.get(roomId) ?? take(await calls.room(roomId))
  }

  /** The rooms whose name, or whose other person, contains `query`. */
  function filtered(query: string): Room[] {
    const wanted = plain(query.trim())
    if (wanted === '') return list.value
    return list.value.filter((room) => plain(`${room.name ?? ''} ${room.topic ?? ''} ${room.entity_key ?? ''}`).includes(wanted))
  }

  /** Counts a room as read up to a message, at once. */
  function read(roomId: string, eventId: string): void {
    const room = rooms.get(roomId)
    if (room === undefined || room.last_read_event_id === eventId) return
    const newest = room.last_message?.event_id === eventId
    const left = newest ? 0 : unreadAfter(roomId, eventId)
    if (left === null) {
      want(roomId)
      return
    }
    rooms.change(roomId, { last_read_event_id: eventId, unread_count: left, urgent_unread: left === 0 ? false : room.urgent_unread })
    show()
  }

  /** How many messages of others come after one; `null` when that is not known here. */
  function unreadAfter(roomId: string, eventId: string): number | null {
    const window = timelines.peek(roomId)?.window
    if (window === undefined || window.hasAfter || window.find(eventId) === undefined) return null
    const { items } = window
    const at = items.findIndex((item) => item.eventId === eventId)
    return items.slice(at + 1).filter((item) => !item.mine && !item.deleted).length
  }

  /** Says that a message, the newest on the screen, is seen. It counts while somebody is at this tab, and never backwards. */
  function markRead(roomId: string, eventId: string): void {
    const at = timelines.peek(roomId)?.window.find(eventId)?.at ?? lastAt(roomId, eventId)
    if (at !== null) marks.see(roomId, eventId, at)
  }

  function lastAt(roomId: string, eventId: string): number | null {
    const last = rooms.get(roomId)?.last_message
    return last?.event_id === eventId ? Date.parse(last.sent_at) : null
  }

  /** Says whether the end of a room is on the screen of this tab. */
  function setAtEnd(roomId: string, is: boolean): void {
    if (is) {
      ends.add(roomId)
    } else {
      ends.delete(roomId)
      marks.leave(roomId)
    }
  }

  /** Fetches a room that changed in a way that the event does not tell; many together. */
  function want(roomId: string): void {
    missing.add(roomId)
    fetching ??= setTimeout(() => void fetchMissing(), FETCH_AFTER_MS)
  }

  async function fetchMissing(): Promise<void> {
    fetching = undefined
    const wanted = [...missing]
    missing.clear()
    if (!loaded.value) return
    if (wanted.length > FETCH_EACH) {
      await load()
      return
    }
    await Promise.all(
      wanted.map(async (roomId) => {
        try {
          take(await calls.room(roomId))
        } catch (cause) {
          if (cause instanceof ApiError && (cause.status === 404 || cause.status === 403)) forget(roomId)
        }
      }),
    )
  }

  function forget(roomId: string): void {
    rooms.remove(roomId)
    timelines.forget(roomId)
    rooms.commit()
    list.value = [...rooms.list]
    show()
  }

  function hear(event: LiveEvent): void {
    if (event.type === 'gap') {
      void load()
    } else if (event.type === 'new_message' || event.type === 'notification') {
      if (loaded.value && !rooms.hear(heardOf(event))) want(event.room_id)
    } else if (event.type === 'read') {
      if (event.hub_user_id !== me()) return
      const at = timelines.peek(event.room_id)?.window.find(event.event_id)?.at ?? lastAt(event.room_id, event.event_id)
      if (at !== null) {
        // The echo of an own mark while a newer one is under way.
        if (at < marks.readUpTo(event.room_id)) return
        marks.known(event.room_id, event.event_id, at)
        read(event.room_id, event.event_id)
      } else if ((rooms.get(event.room_id)?.unread_count ?? 0) > 0) {
        want(event.room_id)
      }
    } else if (event.type === 'membership') {
      if (event.hub_user_id !== me()) return
      if (event.membership === 'join') want(event.room_id)
      else if (event.membership === 'leave' || event.membership === 'ban') forget(event.room_id)
    } else if (event.type === 'room_changed') {
      if (rooms.get(event.room_id) === undefined) return
      const change = { ...(event.name == null ? {} : { name: event.name }), ...(event.topic == null ? {} : { topic: event.topic }) }
      rooms.change(event.room_id, change)
    } else if (event.type === 'message_updated' || event.type === 'message_deleted') {
      const last = rooms.get(event.room_id)?.last_message
      if (last == null || last.event_id !== event.event_id) return
      const change = event.type === 'message_deleted' ? { body: '', deleted: true } : { body: event.body, edited: true }
      rooms.change(event.room_id, { last_message: { ...last, ...change } })
    }
  }

  live.on((events) => {
    remember(events)
    for (const event of events) hear(event)
    show()
  })

  async function createGroup(group: { name: string; topic: string; people: string[] }): Promise<Room> {
    return take(await calls.createGroup(group.name, group.topic, group.people))
  }

  /** The direct room with somebody; made when there is none. */
  async function createDirect(hubUserId: string): Promise<Room> {
    return take(await calls.createDirect(hubUserId))
  }

  /** The room with the support team. */
  async function openSupport(): Promise<Room> {
    return take(await calls.openSupport())
  }

  async function rename(roomId: string, change: { name?: string; topic?: string }): Promise<Room> {
    return take(await calls.changeRoom(roomId, change))
  }

  async function leave(roomId: string): Promise<void> {
    await calls.leaveRoom(roomId)
    forget(roomId)
  }

  /** Everybody in a room. */
  async function members(roomId: string): Promise<Member[]> {
    const all = await calls.members(roomId)
    for (const member of all) people.learn(member.hub_user_id, member.display_name)
    return all
  }

  return {
    list,
    loading,
    loaded,
    error,
    unreadTotal: computed(() => unreadTotal.value),
    urgentAny: computed(() => urgentAny.value),
    load,
    byId,
    open,
    filtered,
    markRead,
    setAtEnd,
    createGroup,
    createDirect,
    openSupport,
    rename,
    leave,
    members,
    addMember: calls.addMember,
    removeMember: calls.removeMember,
  }
})
