import { expect, it } from 'vitest'
import { messageOf, parseEvent, type LiveEventOf } from './events'

it('takes only events', () => {
  expect(parseEvent('{"type":"keepalive"}')).toEqual({ type: 'keepalive' })
  expect(parseEvent('{"type":"gap"}', '12')).toEqual({ type: 'gap', id: 12 })
  expect(parseEvent('{"type":"gap"}', 'x')).toEqual({ type: 'gap' })
  for (const data of ['', 'no JSON', 'null', '[]', '{"kind":1}', '{"type":1}']) expect(parseEvent(data)).toBeNull()
})

it('makes the message of an event that does not bring it whole', () => {
  const event = {
    type: 'notification',
    room_id: '!r',
    event_id: '$e',
    sender: '@app_lager:hub',
    sender_display_name: 'lager',
    msg_type: 'm.text',
    sent_at: '2026-01-31T12:00:00.123Z',
    source_app: 'lager',
    event_type: 'x',
    title: 'Titel',
    body: null,
    priority: 'urgent',
    notification_id: 4,
  } as LiveEventOf<'notification'>
  expect(messageOf(event)).toMatchObject({ event_id: '$e', body: 'Titel', notification: { id: 4, priority: 'urgent' }, client_id: null })
  const whole = messageOf({ ...event, message: { ...messageOf(event), body: 'von dort' }, client_id: 'c' })
  expect(whole).toMatchObject({ body: 'von dort', client_id: 'c' })
})
