import { describe, expect, it } from 'vitest'
import { absoluteTime, parseTime, relativeTime } from './time'

describe('times', () => {
  it('are UTC where the API does not say so (contract A034)', () => {
    expect(parseTime('2026-01-31T12:00:00')?.toISOString()).toBe('2026-01-31T12:00:00.000Z')
    expect(parseTime('2026-01-31T12:00:00.180Z')?.toISOString()).toBe('2026-01-31T12:00:00.180Z')
    expect(parseTime('2026-01-31T12:00:00+01:00')?.toISOString()).toBe('2026-01-31T11:00:00.000Z')
    expect([parseTime(null), parseTime(''), parseTime('soon')]).toEqual([null, null, null])
  })

  it('are said in the language', () => {
    const now = new Date('2026-01-31T12:00:00Z')
    const ago = (text: string, language: string): string => relativeTime(new Date(text), now, language)
    expect(ago('2026-01-31T11:59:30Z', 'de')).toBe('jetzt')
    expect(ago('2026-01-31T11:57:01Z', 'de')).toBe('vor 2 Minuten')
    expect(ago('2026-01-30T11:00:00Z', 'en')).toBe('1 day ago')
    expect(ago('2026-01-31T14:00:00Z', 'en')).toBe('in 2 hours')
    expect(absoluteTime(now, 'de')).toMatch(/^\d\d\.\d\d\.2026, \d\d:\d\d$/)
  })
})
