import { beforeEach, describe, expect, it, vi } from 'vitest'
import { broadcastBadge } from './badges'
import { tenantsOf, tenantsWithRoom, underWay } from './broadcasts'

const adminGet = vi.hoisted(() => vi.fn<(parts: string[], query: Record<string, unknown>) => Promise<unknown>>())
vi.mock('./api', () => ({ adminGet }))

describe('broadcasts (contract R37)', () => {
  beforeEach(() => {
    adminGet.mockReset()
  })

  it('go to the tenants that have a general room, each once, in their order', async () => {
    adminGet.mockImplementation((_, query) =>
      Promise.resolve(
        query['cursor'] === null
          ? { items: [{ tenant_id: 10 }, { tenant_id: 'west' }, { tenant_id: 9 }], next_cursor: 'c' }
          : { items: [{ tenant_id: 'ost' }, { tenant_id: 10 }], next_cursor: null },
      ),
    )
    expect(await tenantsWithRoom()).toEqual({ tenants: [9, 10, 'ost', 'west'], whole: true })
    expect(await tenantsWithRoom(1)).toEqual({ tenants: [9, 10, 'west'], whole: false })
  })

  it('go to tenants that are typed', () => {
    expect(tenantsOf(' 1, 7;werk-nord\n1,, ')).toEqual([1, 7, 'werk-nord'])
    expect(tenantsOf('  ')).toEqual([])
  })

  it('are under way until every room is decided', () => {
    const one = { id: 'b', title: 't', body: 'b', created_by: 'root', created_by_name: 'Root', created_at: '', rooms: 3, sent: 1, failed: 1 }
    expect(underWay(one)).toBe(true)
    expect(broadcastBadge(one).word).toBe('admin.status.underWay')
    expect(underWay({ ...one, sent: 2 })).toBe(false)
    expect(broadcastBadge({ ...one, sent: 2 }).word).toBe('admin.status.partly')
    expect(broadcastBadge({ ...one, sent: 3, failed: 0 }).word).toBe('admin.status.sent')
  })
})
