import { describe, expect, it } from 'vitest'
import type { Room, RoomKind } from '@/chat/model/types'
import { inSections } from './rooms'

const room = (room_id: string, room_type: RoomKind, more: Partial<Room> = {}): Room => ({ room_id, room_type, unread_count: 0, urgent_unread: false, ...more }) as Room

describe('the list of rooms', () => {
  it('stands in sections by kind, empty ones left out', () => {
    const found = inSections([room('1', 'entity'), room('2', 'dm'), room('3', 'therapy'), room('4', 'general')])
    expect(found.map(({ section }) => section)).toEqual(['general', 'direct', 'groups', 'entity'])
  })

  it('has what is urgent first, then what is unread, then the latest', () => {
    const [direct] = inSections([room('1', 'dm'), room('2', 'dm', { unread_count: 3 }), room('3', 'dm'), room('4', 'dm', { unread_count: 1, urgent_unread: true })])
    expect(direct?.rooms.map(({ room_id }) => room_id)).toEqual(['4', '2', '1', '3'])
  })
})
