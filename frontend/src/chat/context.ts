import { inject, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import type { useCompose } from '@/chat/model/compose'
import type { useTimeline } from '@/chat/model/timeline'
import type { Item, Room } from '@/chat/model/types'
import type { Mentioned } from './text'

/** What the parts of an open room share. */
export interface RoomContext {
  room: ComputedRef<Room>
  timeline: ReturnType<typeof useTimeline>
  compose: ReturnType<typeof useCompose>
  /** Whether one may write here; `null` when one may, else the key of the words that say why not. */
  silent: ComputedRef<string | null>
  /** Goes to a message, wherever in the room it is. */
  jump: (eventId: string) => Promise<void>
  /** Shows an image large. */
  view: (item: Item) => void
  /** Puts the cursor into the composer. */
  write: () => void
  /** The names behind the people a message speaks to. */
  mentioned: (ids: string[]) => Mentioned[]
  /** The one message that Tab leads to. */
  active: Ref<string | null>
}

export const roomContext: InjectionKey<RoomContext> = Symbol('room')

export function useRoomContext(): RoomContext {
  const context = inject(roomContext)
  if (context === undefined) throw new Error('only inside RoomView')
  return context
}
