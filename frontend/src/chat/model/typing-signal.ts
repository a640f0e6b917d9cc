/** While somebody types, the service is told this often, in milliseconds. */
export const TELL_MS = 4_000
/** Who did not touch a key for so long does not type any more. */
export const IDLE_MS = 6_000

/** Tells the service that one types: now and again while it lasts, and when it ends. */
export class TypingSignal {
  private readonly tell: (roomId: string, types: boolean) => Promise<void>
  private told = 0
  private room: string | null = null
  private idle: ReturnType<typeof setTimeout> | undefined

  constructor(tell: (roomId: string, types: boolean) => Promise<void>) {
    this.tell = tell
  }

  /** A key was touched. */
  types(roomId: string): void {
    if (this.room !== null && this.room !== roomId) this.stop(this.room)
    clearTimeout(this.idle)
    this.idle = setTimeout(() => this.stop(roomId), IDLE_MS)
    if (this.room === roomId && Date.now() - this.told < TELL_MS) return
    this.room = roomId
    this.told = Date.now()
    this.say(roomId, true)
  }

  /** It was sent, or one does something else. */
  stop(roomId: string): void {
    if (this.room !== roomId) return
    clearTimeout(this.idle)
    this.room = null
    this.say(roomId, false)
  }

  private say(roomId: string, types: boolean): void {
    // That one types is no reason to bother anybody with an error.
    this.tell(roomId, types).catch(() => undefined)
  }
}
