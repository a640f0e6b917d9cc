import { expect, it } from 'vitest'
import { parseEvent } from './events'

it('takes only events', () => {
  expect(parseEvent('{"type":"keepalive"}')).toEqual({ type: 'keepalive' })
  expect(parseEvent('{"type":"gap"}', '12')).toEqual({ type: 'gap', id: 12 })
  expect(parseEvent('{"type":"gap"}', 'x')).toEqual({ type: 'gap' })
  for (const data of ['', 'no JSON', 'null', '[]', '{"kind":1}', '{"type":1}']) expect(parseEvent(data)).toBeNull()
})
