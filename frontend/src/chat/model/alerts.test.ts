import { describe, expect, it } from 'vitest'
import { alertOf, badge, NEWS_MS } from './alerts'
import { message, NOON } from './testing'
import type { Room } from './types'

const room = (room_type: Room['room_type']): Room => ({ room_type, name: 'Halle 3' }) as Room
const notification = { id: 1, event_type: 'x', priority: 'urgent' as const, source_app: 'lager', title: 'Maschine  steht', body: 'Jetzt\nsofort' }
const of = (more: Parameters<typeof message>[1], kind: Room['room_type'] = 'group', now = NOON + 1000) => alertOf(message(1, more), room(kind), 'anna', now)

describe('alertOf', () => {
  it('says who wrote where', () => {
    expect(of({})).toMatchObject({ title: 'Ben · Halle 3', text: 'text 1', urgent: false, personal: false })
    expect(of({}, 'dm')).toMatchObject({ title: 'Ben', personal: true })
    expect(of({ mentions: ['anna'] })).toMatchObject({ personal: true })
    expect(of({ mentions: ['carl'] })).toMatchObject({ personal: false })
    expect(of({ notification })).toMatchObject({ title: 'Maschine steht', text: 'Jetzt sofort', urgent: true, personal: true })
  })

  it('is quiet about oneself, changes and old news', () => {
    expect(of({ hub_user_id: 'anna' })).toBeNull()
    expect(of({ edited: true })).toBeNull()
    expect(of({ deleted: true })).toBeNull()
    expect(of({}, 'group', NOON + 1000 + NEWS_MS + 1)).toBeNull()
  })

  it('is short', () => {
    expect([...(of({ body: '👍'.repeat(20_000) })?.text ?? '')]).toHaveLength(140)
  })
})

it('counts in the title', () => {
  expect([badge(0, false), badge(3, false), badge(3, true), badge(100, false)]).toEqual(['', '(3) ', '(3!) ', '(99+) '])
})
