import { adminGet } from './api'
import { tenantFrom } from './tenant'
import type { AdminRoom, Broadcast, Page, TenantId } from './types'

/** The longest title and text, in characters: those of a notification (contract R57). */
export const MOST_TITLE = 200
export const MOST_BODY = 16_000

/** Whether deliveries of it are still under way. */
export const underWay = (broadcast: Broadcast): boolean => broadcast.sent + broadcast.failed < broadcast.rooms

/** The tenants that have a general room, each once, numbers first. `whole` is false when there are more than were looked at. */
export async function tenantsWithRoom(pages = 5): Promise<{ tenants: TenantId[]; whole: boolean }> {
  const found = new Map<string, TenantId>()
  let cursor: string | null = null
  for (let page = 0; page < pages; page += 1) {
    const rooms: Page<AdminRoom> = await adminGet<Page<AdminRoom>>(['rooms'], { room_type: 'general', archived: 'false', limit: 200, cursor })
    for (const { tenant_id } of rooms.items) found.set(String(tenant_id), tenant_id)
    cursor = rooms.next_cursor ?? null
    if (cursor === null) break
  }
  const tenants = [...found.values()].sort((a, b) => rank(a) - rank(b) || String(a).localeCompare(String(b), undefined, { numeric: true }))
  return { tenants, whole: cursor === null }
}

const rank = (tenant: TenantId): number => (typeof tenant === 'number' ? 0 : 1)

/** The tenants of a line that somebody typed, such as `1, 7, werk-nord`. */
export function tenantsOf(line: string): TenantId[] {
  const typed = line.split(/[,;\s]+/u).map(tenantFrom)
  const each = new Map(typed.filter((one) => one !== null).map((one) => [String(one), one]))
  return [...each.values()]
}
