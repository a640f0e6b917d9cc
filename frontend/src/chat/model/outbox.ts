import { ApiError } from '@/api/errors'
import type { Mention, Message } from './types'

/** Something of one's own on its way to a room. */
export interface Entry {
  /** Names it towards the service, so that sending it twice is sending it once. */
  clientId: string
  roomId: string
  body: string
  replyTo: string | null
  mentions: Mention[]
  /** When it was written, in milliseconds UTC. */
  at: number
  /** `null` for text. Files are not kept over a reload. */
  file: File | null
  /** An object URL of the file, to show it. */
  local: string | null
  state: 'waiting' | 'sending' | 'failed'
  /** Of a file: 0 to 1. */
  progress: number | null
  error: ApiError | null
  /** Tries so far. */
  tries: number
}

/** What the outbox needs of the rest. */
export interface OutboxParts {
  sendText: (entry: Entry) => Promise<Message>
  sendFile: (entry: Entry, onProgress: (part: number) => void, signal: AbortSignal) => Promise<Message>
  /** The service has it. Called once for each entry, before `onChange`. */
  onSent: (entry: Entry, message: Message) => void
  /** What waits has changed in this room. */
  onChange: (roomId: string) => void
  /** Keeps texts over a reload. */
  save: (texts: Entry[]) => void
  /** 0 to 1. */
  random: () => number
  now: () => number
}

/** Files that are sent at once. */
export const FILES_AT_ONCE = 3
/** A text older than this is not sent by itself after a reload: its moment may have passed. */
export const STALE_MS = 60 * 60_000
/** So many answers of "internal error" to one entry are taken for the last word. */
const MOST_FAULTS = 4
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/**
 * What is on its way: the texts of a room one after another in their order, files beside them. What fails in passing is tried
 * again by itself; what the service refuses stays as `failed` until somebody decides.
 */
export class Outbox {
  private readonly parts: OutboxParts
  private entries: Entry[] = []
  private readonly aborts = new Map<string, AbortController>()
  /** Until when a room (or a file, by its client id) pauses. */
  private readonly pauses = new Map<string, ReturnType<typeof setTimeout>>()
  private paused = false

  constructor(parts: OutboxParts) {
    this.parts = parts
  }

  /** What waits in a room, oldest first. */
  in(roomId: string): Entry[] {
    return this.entries.filter((entry) => entry.roomId === roomId)
  }

  /** Everything that waits. */
  get all(): Entry[] {
    return this.entries
  }

  /** Whether something of a room may have reached the service without our knowing. */
  sending(roomId: string): boolean {
    return this.entries.some((entry) => entry.roomId === roomId && (entry.state === 'sending' || (entry.state === 'waiting' && entry.tries > 0)))
  }

  /** Adds one at the end. */
  add(entry: Pick<Entry, 'clientId' | 'roomId' | 'body' | 'replyTo' | 'mentions' | 'file' | 'local'>): void {
    const progress = entry.file === null ? null : 0
    this.entries = [...this.entries, { ...entry, at: this.parts.now(), state: 'waiting', progress, error: null, tries: 0 }]
    this.save()
    this.parts.onChange(entry.roomId)
    this.next()
  }

  /** Takes up texts that were left by a reload. What is old waits for somebody to decide. */
  restore(texts: Entry[]): void {
    const known = new Set(this.entries.map((entry) => entry.clientId))
    const left = texts.filter((entry) => !known.has(entry.clientId))
    if (left.length === 0) return
    const now = this.parts.now()
    const again = left.map((entry): Entry => {
      const stale = now - entry.at > STALE_MS || entry.state === 'failed'
      const error = stale ? new ApiError(0, {}) : null
      return { ...entry, file: null, local: null, progress: null, state: stale ? 'failed' : 'waiting', error }
    })
    this.entries = [...again, ...this.entries].sort((a, b) => a.at - b.at)
    this.save()
    for (const roomId of new Set(again.map((entry) => entry.roomId))) this.parts.onChange(roomId)
    this.next()
  }

  /** Tries one again that failed. */
  retry(clientId: string): void {
    this.put(clientId, { state: 'waiting', error: null })
    this.resume(clientId)
    this.next()
  }

  /** Takes one back that is not sent yet; what is under way is broken off. */
  cancel(clientId: string): void {
    const entry = this.find(clientId)
    if (entry === undefined) return
    this.aborts.get(clientId)?.abort()
    this.remove(clientId)
    this.parts.onChange(entry.roomId)
    this.next()
  }

  /** The stream told of an own message by its client id: it has arrived, whatever becomes of the answer. */
  confirm(clientId: string, message: Message): boolean {
    const entry = this.find(clientId)
    if (entry === undefined) return false
    this.sent(entry, message)
    return true
  }

  /** Nothing is sent for now, because nobody is signed in. */
  pause(): void {
    this.paused = true
  }

  /** The connection is back, or there is a fresh token: pauses end. */
  kick(): void {
    this.paused = false
    for (const timer of this.pauses.values()) clearTimeout(timer)
    this.pauses.clear()
    this.next()
  }

  private find(clientId: string): Entry | undefined {
    return this.entries.find((entry) => entry.clientId === clientId)
  }

  private put(clientId: string, change: Partial<Entry>): void {
    const entry = this.find(clientId)
    if (entry === undefined) return
    this.entries = this.entries.map((one) => (one === entry ? { ...entry, ...change } : one))
    if (change.state !== undefined) this.save()
    this.parts.onChange(entry.roomId)
  }

  private remove(clientId: string): void {
    this.entries = this.entries.filter((entry) => entry.clientId !== clientId)
    this.aborts.delete(clientId)
    this.resume(clientId)
    this.save()
  }

  private resume(lane: string): void {
    clearTimeout(this.pauses.get(lane))
    this.pauses.delete(lane)
  }

  private save(): void {
    this.parts.save(this.entries.filter((entry) => entry.file === null))
  }

  /** Starts what may be started. */
  private next(): void {
    if (this.paused) return
    const busy = new Set<string>()
    let files = this.entries.filter((entry) => entry.file !== null && entry.state === 'sending').length
    for (const entry of this.entries) {
      if (entry.file !== null) {
        if (entry.state !== 'waiting' || files >= FILES_AT_ONCE || this.pauses.has(entry.clientId)) continue
        files += 1
        void this.send(entry)
      } else if (entry.state !== 'failed' && !busy.has(entry.roomId)) {
        busy.add(entry.roomId)
        if (entry.state === 'waiting' && !this.pauses.has(entry.roomId)) void this.send(entry)
      }
    }
  }

  private async send(entry: Entry): Promise<void> {
    const { clientId } = entry
    const abort = new AbortController()
    this.aborts.set(clientId, abort)
    this.put(clientId, { state: 'sending', tries: entry.tries + 1, progress: entry.file === null ? null : 0 })
    try {
      const onProgress = (part: number): void => this.put(clientId, { progress: part })
      const message =
        entry.file === null ? await this.parts.sendText(entry) : await this.parts.sendFile(entry, onProgress, abort.signal)
      const now = this.find(clientId)
      if (now !== undefined) this.sent(now, message)
    } catch (cause) {
      if (abort.signal.aborted || this.find(clientId) === undefined) return
      this.failed(entry, cause instanceof ApiError ? cause : new ApiError(0, {}))
    }
    this.next()
  }

  private sent(entry: Entry, message: Message): void {
    this.remove(entry.clientId)
    this.parts.onSent(entry, message)
    this.parts.onChange(entry.roomId)
    this.next()
  }

  private failed(entry: Entry, error: ApiError): void {
    if (error.status === 401) {
      // A fresh token is a reason to go on; until then nothing is lost.
      this.put(entry.clientId, { state: 'waiting' })
      this.pause()
      return
    }
    // A fault of the service may pass, but not for ever.
    const hopeless = error.status === 500 && entry.tries + 1 >= MOST_FAULTS
    if (!error.passing || hopeless) {
      this.put(entry.clientId, { state: 'failed', error, progress: null })
      return
    }
    const tries = entry.tries + 1
    const backoff = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS) * (0.5 + this.parts.random() / 2)
    const lane = entry.file === null ? entry.roomId : entry.clientId
    this.pauses.set(
      lane,
      setTimeout(
        () => {
          this.pauses.delete(lane)
          this.next()
        },
        Math.max(error.retryAfterMs ?? 0, backoff),
      ),
    )
    this.put(entry.clientId, { state: 'waiting', error })
  }
}
