import type { LiveStatus } from './connection'
import type { LiveEvent } from './events'

/** What tabs of one person tell each other. */
export type TabMessage =
  /** A tab that came asks the one that listens how things are. */
  | { kind: 'hello' }
  /** How the connection is; `lastId`: what it has heard up to. */
  | { kind: 'status'; status: LiveStatus; lastId: number | null }
  /** What it heard; `after`: the last id before these. */
  | { kind: 'events'; events: LiveEvent[]; after: number | null }
  /** There may be a reason to try again at once: a fresh token, or a tab that is looked at. */
  | { kind: 'wake' }
  /** Whether somebody is at this tab now. */
  | { kind: 'focus'; tab: string; focused: boolean }

/** The parts of a browser that tabs are led with; `null` where it has them not. */
export interface TabParts {
  locks: LockManager | null
  channel: ((name: string) => BroadcastChannel) | null
}

/** Those of this browser. `navigator.locks` is missing where a page is not served over TLS. */
export function browserParts(): TabParts {
  return {
    locks: (navigator.locks as LockManager | undefined) ?? null,
    channel: typeof BroadcastChannel === 'undefined' ? null : (name) => new BroadcastChannel(name),
  }
}

/**
 * One tab of a person leads: it alone listens to the service and tells the others. The next one leads when it goes. Where
 * the browser cannot do that, each tab leads itself.
 */
export class Tabs {
  private readonly parts: TabParts
  private readonly name: string
  private readonly hear: (message: TabMessage) => void
  private readonly lead: (leads: boolean) => void
  private channel: BroadcastChannel | null = null
  private resign: (() => void) | null = null
  private waiting: AbortController | null = null
  private isLeader = false

  /** `name`: has the person in it, so that two people in one browser hear nothing of each other. */
  constructor(parts: TabParts, name: string, hear: (message: TabMessage) => void, lead: (leads: boolean) => void) {
    this.parts = parts
    this.name = name
    this.hear = hear
    this.lead = lead
  }

  /** Whether this tab listens to the service. */
  get leads(): boolean {
    return this.isLeader
  }

  /** Whether tabs can be led here at all. */
  get shared(): boolean {
    return this.parts.locks !== null && this.parts.channel !== null
  }

  /** Joins the others, and leads when nobody else does. */
  start(): void {
    if (!this.shared) {
      this.become(true)
      return
    }
    if (this.channel === null && this.parts.channel !== null) {
      this.channel = this.parts.channel(this.name)
      this.channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.hear(data)
      this.tell({ kind: 'hello' })
    }
    this.candidate(false)
  }

  /** Leads although another tab does: it says nothing any more. */
  takeOver(): void {
    if (!this.shared || this.isLeader) return
    this.waiting?.abort()
    this.waiting = null
    this.candidate(true)
  }

  /** Lets another tab lead; this one asks for it again with `start`. */
  stepDown(): void {
    this.waiting?.abort()
    this.waiting = null
    this.resign?.()
    this.become(false)
  }

  /** Leaves. */
  stop(): void {
    this.stepDown()
    this.channel?.close()
    this.channel = null
  }

  /** Tells the other tabs. */
  tell(message: TabMessage): void {
    this.channel?.postMessage(message)
  }

  private become(leads: boolean): void {
    if (leads === this.isLeader) return
    this.isLeader = leads
    this.lead(leads)
  }

  private candidate(steal: boolean): void {
    const { locks } = this.parts
    if (locks === null || this.waiting !== null || this.isLeader) return
    const waiting = new AbortController()
    this.waiting = waiting
    let held = false
    // A lock that is taken cannot be waited for with a signal.
    const options = steal ? { steal: true } : { signal: waiting.signal }
    locks
      .request(this.name, options, () => {
        if (this.waiting !== waiting) return undefined
        held = true
        this.become(true)
        return new Promise<void>((resolve) => {
          this.resign = resolve
        })
      })
      .catch(() => undefined)
      .finally(() => {
        if (this.waiting !== waiting) return
        // Taken over by another tab.
        this.waiting = null
        this.resign = null
        if (held) {
          this.become(false)
          this.candidate(false)
        }
      })
  }
}
