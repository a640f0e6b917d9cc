import { expect, it } from 'vitest'
import { HOURS, points } from './hourly'

it('hours that are missing in the answer are hours in which nothing happened', () => {
  const now = new Date('2026-01-31T12:34:56Z')
  const shown = points(
    [
      { hour: '2026-01-31T12:00:00.000Z', messages: 7, notifications: 1 },
      { hour: '2026-01-31T10:00:00.000Z', messages: 5, notifications: 0 },
      { hour: '2026-01-01T10:00:00.000Z', messages: 900, notifications: 0 },
    ],
    'messages',
    now,
  )
  expect(shown).toHaveLength(HOURS)
  expect(shown.at(-1)).toEqual({ at: new Date('2026-01-31T12:00:00Z'), count: 7 })
  expect(shown.slice(-4).map((point) => point.count)).toEqual([0, 5, 0, 7])
  expect(shown.reduce((sum, point) => sum + point.count, 0)).toBe(12)
})
