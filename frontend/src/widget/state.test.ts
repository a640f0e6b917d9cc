import { beforeEach, describe, expect, it } from 'vitest'
import type { Event, Message, Room } from '@/api/schema'
import { WidgetState } from './state'

const room = (id: string, unread = 0, more: Partial<Room> & { urgent_unread?: boolean } = {}): Room =>
  ({ room_id: id, name: id, unread_count: unread, last_message: null, ...more }) as Room

const notice = (id: number, roomId: string, priority: 'normal' | 'urgent' = 'normal'): Message =>
  ({
    event_id: `$${String(id)}`,
    room_id: roomId,
    sent_at: `2026-01-31T12:00:${String(id).padStart(2, '0')}.000Z`,
    deleted: false,
    notification: { id, source_app: 'lager', event_type: 'x', title: `title ${String(id)}`, body: null, priority },
  }) as unknown as Message

const told = (id: number, roomId: string, priority: 'normal' | 'urgent' = 'normal'): Event =>
  ({
    type: 'notification',
    event_id: `$${String(id)}`,
    room_id: roomId,
    sent_at: `2026-01-31T12:00:${String(id).padStart(2, '0')}.000Z`,
    notification_id: id,
    source_app: 'lager',
    event_type: 'x',
    title: `title ${String(id)}`,
    body: null,
    priority,
  }) as Event

const message = (roomId: string, from: string): Event =>
  ({ type: 'new_message', room_id: roomId, event_id: '$m', hub_user_id: from }) as Event

let state: WidgetState
beforeEach(() => {
  state = new WidgetState()
  state.load('max', [room('a', 2), room('b')], [])
})

describe('what is unread', () => {
  it('is what the service lists, and one more with each message of others', () => {
    expect(state.total).toEqual({ unread: 2, urgent: false })
    expect(state.apply(message('b', 'erika'))).toMatchObject({ changed: true, reload: false })
    expect(state.apply(message('b', 'max'))).toMatchObject({ changed: false, reload: false })
    expect(state.total.unread).toBe(3)
    expect(state.unreadRooms.map((one) => `${one.room_id}${String(one.unread)}`)).toEqual(['b1', 'a2'])
  })

  it('counts a message once that is told after a list that has it', () => {
    const last_message = { event_id: '$2', sent_at: '2026-01-31T12:00:02.000Z' } as Message
    state.load('max', [room('a', 2, { last_message })], [])
    for (const n of [1, 2, 3]) {
      state.apply({ type: 'new_message', room_id: 'a', event_id: `$${String(n)}`, hub_user_id: 'erika', sent_at: `2026-01-31T12:00:0${String(n)}.000Z` } as Event)
    }
    expect(state.total.unread).toBe(3)
  })

  it('is asked for anew when a room is not known, when it was read elsewhere, and when something was missed', () => {
    expect(state.apply(message('new', 'erika')).reload).toBe(true)
    expect(state.apply({ type: 'read', room_id: 'a', event_id: '$1', hub_user_id: 'max' } as Event).reload).toBe(true)
    expect(state.apply({ type: 'read', room_id: 'a', event_id: '$1', hub_user_id: 'erika' } as Event).reload).toBe(false)
    expect(state.apply({ type: 'gap' } as Event).reload).toBe(true)
    expect(state.apply({ type: 'typing', room_id: 'a', users: [] } as Event)).toEqual({ changed: false, reload: false, arrived: null })
  })

  it('is urgent with an urgent notification, and its room comes first', () => {
    state.apply(told(1, 'a', 'urgent'))
    state.apply(message('b', 'erika'))
    expect(state.total).toEqual({ unread: 4, urgent: true })
    expect(state.unreadRooms[0]).toMatchObject({ room_id: 'a', urgent: true })
    state.load('max', [room('a'), room('b', 1)], [])
    expect(state.total).toEqual({ unread: 1, urgent: false })
  })

  it('is urgent as the service says, or by the newest message of one that does not say', () => {
    state.load('max', [room('a', 1, { urgent_unread: true })], [])
    expect(state.total.urgent).toBe(true)
    state.load('max', [room('a', 1, { last_message: notice(1, 'a', 'urgent') })], [])
    expect(state.total.urgent).toBe(true)
    state.load('max', [room('a', 0, { last_message: notice(1, 'a', 'urgent') })], [])
    expect(state.total.urgent).toBe(false)
  })
})

describe('notifications', () => {
  it('are each shown once, the newest first, and no more than twenty', () => {
    state.load('max', [room('a', 0, { last_message: notice(3, 'a') }), room('b')], [notice(1, 'b'), notice(3, 'a')])
    expect(state.notifications.map((one) => one.notification_id)).toEqual([3, 1])
    expect(state.apply(told(5, 'b')).arrived).toMatchObject({ notification_id: 5, title: 'title 5' })
    expect(state.apply(told(5, 'b')).arrived).toBeNull()
    expect(state.total.unread).toBe(1)
    for (let id = 6; id < 40; id += 1) state.apply(told(id, 'b'))
    expect(state.notifications).toHaveLength(20)
    expect(state.notifications[0]?.notification_id).toBe(39)
  })

  it('go when they are deleted, when the room is left, and when somebody else signs in', () => {
    state.load('max', [room('a', 0, { last_message: notice(1, 'a') }), room('b', 0, { last_message: notice(2, 'b') })], [])
    state.apply({ type: 'message_deleted', room_id: 'a', event_id: '$1', deleted_by: 'max' } as Event)
    expect(state.notifications.map((one) => one.notification_id)).toEqual([2])
    state.load('max', [room('a')], [])
    expect(state.notifications).toEqual([])
    state.load('max', [room('a', 0, { last_message: notice(1, 'a') })], [])
    state.load('erika', [room('a')], [])
    expect(state.notifications).toEqual([])
  })
})
