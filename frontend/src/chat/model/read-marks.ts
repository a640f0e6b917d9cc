import { ApiError } from '@/api/errors'

/** How long it waits for more before a mark is sent, in milliseconds. */
export const MARK_AFTER_MS = 600

/** Two marks of one room are sent at least so far apart, in milliseconds: each counts against the person's limit of calls. */
export const MARK_EVERY_MS = 5_000

/** What marking as read needs of the rest. */
export interface MarkParts {
  send: (roomId: string, eventId: string) => Promise<void>
  /** Whether somebody is at this tab. */
  attentive: () => boolean
  /** The room counts as read up to here from now on. */
  onMark: (roomId: string, eventId: string) => void
}

interface Mark {
  eventId: string
  /** Milliseconds UTC of the message. */
  at: number
}

/**
 * Own read markers: sent a little later, so that a room in which much happens is marked once in a while, and only forward.
 * While nobody is at the tab nothing is read; what is on the screen then counts when somebody comes back.
 */
export class ReadMarks {
  private readonly parts: MarkParts
  private readonly done = new Map<string, Mark>()
  private readonly wanted = new Map<string, Mark>()
  private readonly sentAt = new Map<string, number>()
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(parts: MarkParts) {
    this.parts = parts
  }

  /** The newest message that is on the screen, and when it was sent. */
  see(roomId: string, eventId: string, at: number): void {
    const { done, wanted } = this
    const before = Math.max(done.get(roomId)?.at ?? 0, wanted.get(roomId)?.at ?? 0)
    if (at < before || done.get(roomId)?.eventId === eventId) return
    wanted.set(roomId, { eventId, at })
    if (this.parts.attentive()) this.mark(roomId)
  }

  /** The room that was on the screen is not any more: what nobody has seen stays unread. */
  leave(roomId: string): void {
    if (!this.timers.has(roomId)) this.wanted.delete(roomId)
  }

  /** Somebody is at the tab again. */
  attend(): void {
    if (!this.parts.attentive()) return
    for (const roomId of this.wanted.keys()) this.mark(roomId)
  }

  /** The service says that one has read so far, here or on another device. */
  known(roomId: string, eventId: string, at: number): void {
    if (at >= (this.done.get(roomId)?.at ?? 0)) this.done.set(roomId, { eventId, at })
  }

  /** When the message was sent up to which one has read as far as this tab knows, sent or not; 0: not known. */
  readUpTo(roomId: string): number {
    const pending = this.timers.has(roomId) ? (this.wanted.get(roomId)?.at ?? 0) : 0
    return Math.max(this.done.get(roomId)?.at ?? 0, pending)
  }

  private mark(roomId: string): void {
    const mark = this.wanted.get(roomId)
    if (mark === undefined) return
    this.parts.onMark(roomId, mark.eventId)
    if (this.timers.has(roomId)) return
    const next = (this.sentAt.get(roomId) ?? -MARK_EVERY_MS) + MARK_EVERY_MS
    this.timers.set(
      roomId,
      setTimeout(() => void this.send(roomId), Math.max(MARK_AFTER_MS, next - Date.now())),
    )
  }

  private async send(roomId: string, pause = MARK_AFTER_MS): Promise<void> {
    this.timers.delete(roomId)
    const mark = this.wanted.get(roomId)
    if (mark === undefined) return
    this.wanted.delete(roomId)
    const former = this.done.get(roomId)
    this.done.set(roomId, mark)
    this.sentAt.set(roomId, Date.now())
    try {
      await this.parts.send(roomId, mark.eventId)
    } catch (error) {
      // The next mark says it all; without one it is said again when the service is back.
      if (!(error instanceof ApiError) || !error.passing || this.done.get(roomId) !== mark) return
      if (former === undefined) this.done.delete(roomId)
      else this.done.set(roomId, former)
      if (!this.wanted.has(roomId)) this.wanted.set(roomId, mark)
      const later = Math.max(error.retryAfterMs ?? 0, Math.min(pause * 2, 60_000))
      if (this.timers.has(roomId)) return
      this.timers.set(
        roomId,
        setTimeout(() => void this.send(roomId, later), later),
      )
    }
  }
}
