import { describe, expect, it } from 'vitest'
import { cursorOf, filtersOf, fromLocalInput, toLocalInput, withFilter, withoutFilters, type Filter } from './filters'

const filters: Filter[] = [
  { key: 'q', kind: 'search' },
  { key: 'status', kind: 'choice', options: ['queued', 'sent'], words: 'x' },
  { key: 'since', kind: 'time' },
]

describe('filters and the address', () => {
  it('reads what an address sets', () => {
    const query = { q: ' pump ', status: 'queued', since: '2026-01-31T12:00:00.000Z', other: 'x', cursor: '42' }
    expect(filtersOf(filters, query)).toEqual({ q: 'pump', status: 'queued', since: '2026-01-31T12:00:00.000Z' })
    expect(cursorOf(query)).toBe('42')
  })

  it('overlooks what a filter cannot be', () => {
    expect(filtersOf(filters, { status: 'broken', since: 'yesterday', q: '' })).toEqual({})
    expect(filtersOf(filters, { q: ['a', 'b'], status: null })).toEqual({ q: 'a' })
    expect(cursorOf({})).toBeNull()
  })

  it('changes one and begins anew', () => {
    const query = { q: 'pump', cursor: '42', open: '1' }
    expect(withFilter(query, 'status', 'sent')).toEqual({ q: 'pump', status: 'sent', open: '1', cursor: undefined })
    expect(withFilter(query, 'q', '  ')).toEqual({ q: undefined, open: '1', cursor: undefined })
  })

  it('clears all of them, and nothing else', () => {
    const query = { q: 'pump', status: 'sent', cursor: '42', open: '1' }
    const cleared = withoutFilters(filters, query)
    expect(Object.entries(cleared).filter(([, value]) => value !== undefined)).toEqual([['open', '1']])
  })

  it('keeps times in UTC and shows them in the zone of who reads', () => {
    const local = toLocalInput('2026-01-31T12:00:00.000Z')
    expect(local).toMatch(/^2026-0[12]-\d\dT\d\d:\d\d$/)
    expect(fromLocalInput(local)).toBe('2026-01-31T12:00:00.000Z')
    expect(fromLocalInput('')).toBe('')
    expect(toLocalInput('nonsense')).toBe('')
  })
})
