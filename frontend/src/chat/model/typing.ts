import { defineStore } from 'pinia'
import { shallowReactive, watch } from 'vue'
import { useLive } from '@/live/live'
import { useSession } from '@/session/session'
import type { Reader } from './types'

/** The service says when somebody stops; should that get lost, nobody types longer than this, in milliseconds. */
export const FORGET_MS = 30_000

/** Who types where. */
export const useTyping = defineStore('typing', () => {
  const live = useLive()
  const session = useSession()
  const rooms = shallowReactive(new Map<string, Reader[]>())
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  function stop(roomId: string): void {
    clearTimeout(timers.get(roomId))
    timers.delete(roomId)
    rooms.delete(roomId)
  }

  live.on((events) => {
    for (const event of events) {
      if (event.type === 'typing') {
        const users = event.users.filter((user) => user.hub_user_id !== session.me?.hub_user_id)
        stop(event.room_id)
        if (users.length === 0) continue
        rooms.set(
          event.room_id,
          users.map((user) => ({ hubUserId: user.hub_user_id, name: user.display_name })),
        )
        timers.set(
          event.room_id,
          setTimeout(() => stop(event.room_id), FORGET_MS),
        )
      } else if (event.type === 'new_message') {
        // Who has sent does not type any more, even if the service says so a moment later.
        const left = (rooms.get(event.room_id) ?? []).filter((who) => who.hubUserId !== event.hub_user_id)
        if (left.length === 0) stop(event.room_id)
        else rooms.set(event.room_id, left)
      }
    }
  })
  watch(
    () => live.status,
    (status) => {
      if (status !== 'live') for (const roomId of [...rooms.keys()]) stop(roomId)
    },
  )

  /** Who types in a room, without oneself. */
  function typingIn(roomId: string): Reader[] {
    return rooms.get(roomId) ?? []
  }

  return { typingIn }
})

/** Who types in a room, without oneself. */
export function typingIn(roomId: string): Reader[] {
  return useTyping().typingIn(roomId)
}
