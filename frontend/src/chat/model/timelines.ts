import { defineStore } from 'pinia'
import { reactive, shallowRef, triggerRef, watch, type ShallowRef } from 'vue'
import { useLive, type LiveEvent } from '@/live/live'
import { useSession } from '@/session/session'
import * as calls from './calls'
import { itemOf, type Change } from './items'
import { RoomTimeline } from './room-timeline'
import { Singles } from './singles'
import { useSending } from './sending'
import type { Item } from './types'

/** Rooms whose messages are kept after one has left them, so that going back is instant. */
const KEPT_ROOMS = 20

interface Held {
  timeline: RoomTimeline
  /** Changes with everything that is shown of it. */
  version: ShallowRef<number>
  /** How many views of it are open. */
  open: number
}

/** The timelines of the rooms that are or were open, and what happens in them. */
export const useTimelines = defineStore('timelines', () => {
  const live = useLive()
  const session = useSession()
  const sending = useSending()
  /** In the order of their last use. */
  const all = new Map<string, Held>()
  /** The rooms that are open in this tab now. */
  const openRooms = reactive(new Set<string>())

  const me = (): string => session.me?.hub_user_id ?? ''

  function make(roomId: string): Held {
    const version = shallowRef(0)
    const timeline = new RoomTimeline(roomId, {
      me,
      history: async (id, where, limit) => {
        await live.stands()
        return calls.history(id, where, limit)
      },
      reads: calls.reads,
      sending: (id) => sending.outbox.sending(id),
      onChange: () => {
        version.value += 1
      },
    })
    return { timeline, version, open: 0 }
  }

  /** The timeline of a room. */
  function of(roomId: string): Held {
    const held = all.get(roomId) ?? make(roomId)
    all.delete(roomId)
    all.set(roomId, held)
    for (const [other, { open }] of all) {
      if (all.size <= KEPT_ROOMS) break
      if (open === 0 && other !== roomId) all.delete(other)
    }
    return held
  }

  /** The timeline of a room, if it is kept. */
  function peek(roomId: string): RoomTimeline | undefined {
    return all.get(roomId)?.timeline
  }

  const singles = new Singles(async (roomId, eventId) => {
    const { messages } = await calls.history(roomId, { around: eventId }, 1)
    const message = messages.find((one) => one.event_id === eventId)
    return message === undefined ? undefined : itemOf(message, me())
  })

  /** A message that is not loaded, because an answer refers to it; `undefined` until it has been fetched. */
  function single(roomId: string, eventId: string): Item | undefined {
    return singles.get(roomId, eventId)
  }

  /** A view of the room opens. */
  function enter(roomId: string): void {
    const held = of(roomId)
    held.open += 1
    openRooms.add(roomId)
    if (held.timeline.loaded) return
    void held.timeline.loadReads()
    // A link to a message goes there in this same moment; then the newest ones are not asked for.
    queueMicrotask(() => void held.timeline.load())
  }

  /** A view of it closes. */
  function leave(roomId: string): void {
    const held = all.get(roomId)
    if (held === undefined) return
    held.open = Math.max(0, held.open - 1)
    if (held.open > 0) return
    openRooms.delete(roomId)
    held.timeline.close()
  }

  /** Forgets a room, because one is not in it any more. */
  function forget(roomId: string): void {
    if (!openRooms.has(roomId)) all.delete(roomId)
  }

  function hear(event: LiveEvent): void {
    if (event.type === 'gap') {
      singles.clear()
      for (const [roomId, { timeline, open }] of all) {
        if (open > 0) void timeline.refresh()
        else all.delete(roomId)
      }
      return
    }
    if (event.type === 'new_message' || event.type === 'notification') {
      const { message } = event
      const clientId = message.client_id ?? null
      if (clientId !== null && message.hub_user_id === me()) sending.outbox.confirm(clientId, message)
      all.get(event.room_id)?.timeline.arrive({ message, clientId })
      return
    }
    if (event.type === 'read') {
      all.get(event.room_id)?.timeline.read(event.hub_user_id, null, event.event_id, Date.parse(event.read_at))
      return
    }
    const change = changeOf(event)
    if (change === null || !('event_id' in event)) return
    singles.change(event.event_id, change)
    all.get(event.room_id)?.timeline.change(event.event_id, change)
  }

  live.on((events) => {
    for (const event of events) hear(event)
  })
  watch(
    () => live.status,
    (status) => {
      if (status !== 'live' && status !== 'polling') return
      // What failed while nobody was reached is tried again.
      for (const { timeline, open } of all.values()) if (open > 0 && timeline.error !== null) void timeline.load()
    },
  )
  sending.onAccepted((message, key, local) => all.get(message.room_id)?.timeline.accept(message, key, local))
  sending.onChange((roomId) => {
    const held = all.get(roomId)
    if (held === undefined) return
    if (!sending.outbox.sending(roomId)) held.timeline.release()
    triggerRef(held.version)
  })

  return { of, peek, single, enter, leave, forget, openRooms }
})

/** What an event does to a message; `null` when it does nothing to one. */
function changeOf(event: LiveEvent): Change | null {
  if (event.type === 'message_updated') return { kind: 'edit', body: event.body, at: Date.parse(event.edited_at) }
  if (event.type === 'message_deleted') return { kind: 'delete' }
  if (event.type !== 'reaction') return null
  const who = { hub_user_id: event.hub_user_id, display_name: event.sender_display_name }
  return { kind: 'react', emoji: event.key, who, removed: event.removed }
}
