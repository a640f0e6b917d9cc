import type { NotificationStatus, Priority } from '@/api/schema'

/** How a state looks: always a sign and a word; the colour only helps. */
export interface Badge {
  tone: 'good' | 'warn' | 'bad' | 'plain' | 'urgent'
  sign: 'check' | 'clock' | 'cross' | 'minus' | 'alert' | 'archive' | 'dot'
  /** Key of the word. */
  word: string
}

const notification: Record<NotificationStatus, Badge> = {
  queued: { tone: 'warn', sign: 'clock', word: 'admin.status.queued' },
  sent: { tone: 'good', sign: 'check', word: 'admin.status.sent' },
  failed: { tone: 'bad', sign: 'cross', word: 'admin.status.failed' },
  cancelled: { tone: 'plain', sign: 'minus', word: 'admin.status.cancelled' },
}
const unknown: Badge = { tone: 'plain', sign: 'dot', word: 'admin.status.unknown' }

/** Of a notification. */
export const notificationBadge = (status: string): Badge =>
  (notification as Partial<Record<string, Badge>>)[status] ?? unknown

/** Of a notification's priority; the normal one needs none. */
export const priorityBadge = (priority: Priority): Badge | null =>
  priority === 'urgent' ? { tone: 'urgent', sign: 'alert', word: 'admin.priority.urgent' } : null

/** Of a person. */
export const personBadge = (active: boolean): Badge =>
  active
    ? { tone: 'good', sign: 'check', word: 'admin.status.active' }
    : { tone: 'bad', sign: 'cross', word: 'admin.status.inactive' }

/** Of a room. */
export const roomBadge = (archivedAt: string | null | undefined): Badge =>
  archivedAt
    ? { tone: 'plain', sign: 'archive', word: 'admin.status.archived' }
    : { tone: 'good', sign: 'check', word: 'admin.status.open' }

/** Of a service token. */
export const tokenBadge = (revokedAt: string | null | undefined): Badge =>
  revokedAt
    ? { tone: 'plain', sign: 'minus', word: 'admin.status.revoked' }
    : { tone: 'good', sign: 'check', word: 'admin.status.valid' }

/** Of a part of the service. */
export function healthBadge(status: string): Badge {
  if (status === 'healthy') return { tone: 'good', sign: 'check', word: 'admin.status.healthy' }
  if (status === 'degraded') return { tone: 'warn', sign: 'alert', word: 'admin.status.degraded' }
  if (status === 'unhealthy') return { tone: 'bad', sign: 'cross', word: 'admin.status.unhealthy' }
  return unknown
}

/** Of a broadcast: under way, there, or not everywhere. */
export function broadcastBadge({ rooms, sent, failed }: { rooms: number; sent: number; failed: number }): Badge {
  if (sent + failed < rooms) return { tone: 'warn', sign: 'clock', word: 'admin.status.underWay' }
  if (failed > 0) return { tone: 'bad', sign: 'cross', word: 'admin.status.partly' }
  return { tone: 'good', sign: 'check', word: 'admin.status.sent' }
}

/** Of a webhook: what the service switched off wants to be looked at, what an admin did not. */
export function webhookBadge({ active, off_reason: why }: { active: boolean; off_reason?: string | null }): Badge {
  if (active) return { tone: 'good', sign: 'check', word: 'admin.status.active' }
  return why ? { tone: 'bad', sign: 'cross', word: 'admin.status.off' } : { tone: 'plain', sign: 'minus', word: 'admin.status.off' }
}

/** Of an event on its way to a webhook. */
export function deliveryBadge({ status, attempts }: { status: string; attempts: number }): Badge {
  if (status === 'delivered') return { tone: 'good', sign: 'check', word: 'admin.status.sent' }
  if (status === 'dead') return { tone: 'bad', sign: 'cross', word: 'admin.status.dead' }
  if (status !== 'queued') return unknown
  return attempts > 0
    ? { tone: 'warn', sign: 'alert', word: 'admin.status.trying' }
    : { tone: 'warn', sign: 'clock', word: 'admin.status.queued' }
}
