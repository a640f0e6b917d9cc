import { parseTime } from '@/ui/time'
import type { Hour } from './types'

/** Hours that a chart shows. */
export const HOURS = 48
const HOUR_MS = 3_600_000

/** One hour for a chart. */
export interface Point {
  /** When it began. */
  at: Date
  count: number
}

/** The last 48 hours without gaps, oldest first: hours in which nothing happened need not be in the answer. */
export function points(hours: readonly Hour[], of: 'messages' | 'notifications', now: Date): Point[] {
  const counts = new Map<number, number>()
  for (const hour of hours) {
    const time = parseTime(hour.hour)
    if (time) counts.set(Math.floor(time.getTime() / HOUR_MS), hour[of])
  }
  const last = Math.floor(now.getTime() / HOUR_MS)
  return Array.from({ length: HOURS }, (_, index) => {
    const hour = last - HOURS + 1 + index
    return { at: new Date(hour * HOUR_MS), count: counts.get(hour) ?? 0 }
  })
}
