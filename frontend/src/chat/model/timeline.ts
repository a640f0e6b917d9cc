import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import type { ApiError } from '@/api/errors'
import { usePeople } from './people'
import type { RoomTimeline } from './room-timeline'
import { useRooms } from './rooms'
import { firstUnread, rowsOf } from './rows'
import { useSending } from './sending'
import { useTimelines } from './timelines'
import type { Item, Reader, Row } from './types'

/** The timeline of the room that is open. */
export interface TimelineView {
  /** What is shown, oldest first. */
  rows: ComputedRef<Row[]>
  /** The messages of `rows`, with those on their way at the end. */
  items: ComputedRef<Item[]>
  /** The first messages of this place of the room are being loaded. */
  loading: ComputedRef<boolean>
  loadingBefore: ComputedRef<boolean>
  loadingAfter: ComputedRef<boolean>
  error: ComputedRef<ApiError | null>
  /** Whether there are older messages than the ones here. */
  hasBefore: ComputedRef<boolean>
  /** Whether there are newer ones. New messages are then only counted in `newBelow`. */
  hasAfter: ComputedRef<boolean>
  loadBefore: () => Promise<void>
  loadAfter: () => Promise<void>
  /** Loads anew after an error. */
  reload: () => Promise<void>
  /** Loads what is around a message; `false` when it is not there. */
  jumpTo: (eventId: string) => Promise<boolean>
  jumpToNewest: () => Promise<void>
  /** Loads what is around the first unread message; answers its key, or `null` when there is none. */
  jumpToUnread: () => Promise<string | null>
  /** The key of the message under the divider. It stays while the room is open. */
  firstUnreadKey: ComputedRef<string | null>
  /** How many messages were unread when the room was opened. */
  unreadAtOpening: Ref<number>
  /** Messages that came while the end was not on the screen. */
  newBelow: ComputedRef<number>
  /**
   * To be told whenever the end of the room (the newest message) comes onto the screen or leaves it. While it is there and
   * somebody is at this tab, the room counts as read.
   */
  setAtEnd: (is: boolean) => void
  /** Who has read up to this message and not further. */
  readers: (eventId: string) => Reader[]
  /** A message by its id; one that is not here is fetched, and it is `undefined` until it comes (or when it is gone). */
  find: (eventId: string) => Item | undefined
}

/** The timeline of a room, which may change. Closing the component closes the room. */
export function useTimeline(roomId: Ref<string>): TimelineView {
  const timelines = useTimelines()
  const sending = useSending()
  const rooms = useRooms()
  const people = usePeople()

  /** What was read when the room was opened. */
  const opened = ref<{ lastRead: string | null; unread: number } | null>(null)
  const unreadAtOpening = ref(0)
  const dividerKey = ref<string | null>(null)
  const atEnd = ref(false)

  const held = shallowRef(timelines.of(roomId.value))
  /** What is seen of the timeline; it is looked at again when anything of it has changed. */
  const seen = <T>(look: (timeline: RoomTimeline) => T): ComputedRef<T> =>
    computed(() => {
      void held.value.version.value
      return look(held.value.timeline)
    })

  const items = seen(({ window }) => {
    const waiting = window.hasAfter ? [] : sending.itemsIn(roomId.value)
    return waiting.length === 0 ? window.items : [...window.items, ...waiting]
  })

  let before: Row[] = []
  const rows = computed(() => (before = rowsOf(items.value, firstUnreadKey.value, before)))

  const firstUnreadKey = computed(() => {
    if (dividerKey.value !== null) return dividerKey.value
    if (opened.value === null || opened.value.unread === 0) return null
    const { lastRead, unread } = opened.value
    return firstUnread(items.value, lastRead, unread, held.value.timeline.window.hasBefore)
  })

  // Once found it stays, whatever is loaded or deleted around it.
  watch(firstUnreadKey, (key) => {
    if (key !== null) dividerKey.value = key
  })

  function open(): void {
    dividerKey.value = null
    opened.value = null
    unreadAtOpening.value = 0
    before = []
    const id = roomId.value
    held.value = timelines.of(id)
    timelines.enter(id)
    const know = (): void => {
      const room = rooms.byId(id)
      if (room === undefined || opened.value !== null) return
      opened.value = { lastRead: room.last_read_event_id, unread: room.unread_count }
      unreadAtOpening.value = room.unread_count
    }
    know()
    if (opened.value === null) void rooms.open(id).then(() => roomId.value === id && know(), () => undefined)
  }

  function leave(id: string): void {
    atEnd.value = false
    rooms.setAtEnd(id, false)
    timelines.leave(id)
  }

  open()
  watch(roomId, (_, former) => {
    leave(former)
    open()
  })
  onScopeDispose(() => leave(roomId.value))

  // The newest message is read when it is on the screen and somebody is there.
  watch(
    [seen(({ window }) => window.last?.eventId ?? null), atEnd, seen(({ window }) => window.hasAfter)],
    ([newest, there, more]) => {
      if (newest !== null && there && !more) rooms.markRead(roomId.value, newest)
    },
  )

  function setAtEnd(is: boolean): void {
    atEnd.value = is
    held.value.timeline.setAtEnd(is)
    rooms.setAtEnd(roomId.value, is)
  }

  function find(eventId: string): Item | undefined {
    void held.value.version.value
    return held.value.timeline.window.find(eventId) ?? timelines.single(roomId.value, eventId)
  }

  async function jumpToUnread(): Promise<string | null> {
    const from = opened.value?.lastRead ?? null
    if (firstUnreadKey.value === null && from !== null) await held.value.timeline.jumpTo(from)
    return firstUnreadKey.value
  }

  function readers(eventId: string): Reader[] {
    void held.value.version.value
    return held.value.timeline.readers(eventId).map(({ hubUserId, name }) => ({
      hubUserId,
      name: name === hubUserId ? people.nameOf(hubUserId) : name,
    }))
  }

  return {
    rows,
    items,
    loading: seen((timeline) => timeline.loading || (!timeline.loaded && timeline.error === null)),
    loadingBefore: seen((timeline) => timeline.loadingBefore),
    loadingAfter: seen((timeline) => timeline.loadingAfter),
    error: seen((timeline) => timeline.error),
    hasBefore: seen(({ window }) => window.hasBefore),
    hasAfter: seen(({ window }) => window.hasAfter),
    loadBefore: () => held.value.timeline.loadBefore(),
    loadAfter: () => held.value.timeline.loadAfter(),
    reload: () => held.value.timeline.load(),
    jumpTo: (eventId) => held.value.timeline.jumpTo(eventId),
    jumpToNewest: () => held.value.timeline.jumpToNewest(),
    jumpToUnread,
    firstUnreadKey,
    unreadAtOpening,
    newBelow: seen((timeline) => timeline.newBelow),
    setAtEnd,
    readers,
    find,
  }
}
