import type { Event, Me, Message, Room } from '@/api/schema'

/** How it stands with the service: `out` without a token that counts, `away` while it is not reached. */
export type LinkStatus = 'loading' | 'live' | 'out' | 'forbidden' | 'away'

/** What the service answered that was no good answer. */
class Refused extends Error {
  readonly status: number
  readonly waitMs: number

  constructor(status: number, waitMs: number) {
    super(`the messenger answered ${String(status)}`)
    this.status = status
    this.waitMs = waitMs
  }
}

/** What a link needs, and whom it tells. */
export interface LinkParts {
  /** Where the service is, without a slash at its end. */
  service: string
  token: () => string | null | Promise<string | null>
  onStatus: (status: LinkStatus) => void
  onLoaded: (me: string, rooms: Room[], messages: Message[]) => void
  /** True asks for the rooms anew. */
  onEvent: (event: Event) => boolean
}

/** How long a stream may take to begin, and how long it may be silent: it tells something every 20 s. */
const SILENCE_MS = 45_000
const BEGIN_MS = 8_000
/** So many streams that never began, and it is polled instead, for a while. */
const TRIES = 2
const POLLING_MS = 5 * 60_000
/** Between two polls, so that a busy room does not use up the person's requests. */
const BETWEEN_POLLS_MS = 1_000
/** Events often come in numbers: the rooms are asked for once for all of them. */
const SETTLE_MS = 1_000
const LOOK_FOR_TOKEN_MS = 5_000
const LONGEST_PAUSE_MS = 30_000
/** A page that nobody looks at lets go of its stream after this; it resumes where it was. */
const UNSEEN_MS = 60_000
/** How far back notifications are looked for at the beginning. */
const HISTORY = 30

/** The connection of one widget with the service: loads, follows the stream, polls where streams are blocked, comes back. */
export class Link {
  readonly #parts: LinkParts
  readonly #name = crypto.randomUUID()
  #stopped = new AbortController()
  #wake: (() => void) | null = null
  #refused: string | null = null
  #token = ''
  #last: number | null = null
  #loaded = false
  #failures = 0
  #streamless = 0
  #pollUntil = 0
  #reload: ReturnType<typeof setTimeout> | undefined

  constructor(parts: LinkParts) {
    this.#parts = parts
    void this.#run(this.#stopped.signal)
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped.abort()
    clearTimeout(this.#reload)
    this.#wake?.()
  }

  /** There may be another token, or the network may be back: tries at once. */
  wake(): void {
    this.#wake?.()
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const token = await this.#parts.token()
        if (signal.aborted) return
        const none = token === null || token === ''
        if (none || token === this.#refused) {
          this.#loaded = false
          // Of one that was refused it has been told why.
          if (none) this.#parts.onStatus('out')
          await this.#pause(LOOK_FOR_TOKEN_MS)
          continue
        }
        if (token !== this.#token) this.#loaded = false
        this.#token = token
        await this.#seen(signal)
        if (Date.now() < this.#pollUntil) await this.#poll(signal)
        else await this.#stream(signal)
      } catch (error) {
        if (signal.aborted) return
        await this.#failed(error)
      }
    }
  }

  async #failed(error: unknown): Promise<void> {
    if (error instanceof Refused && (error.status === 401 || error.status === 403)) {
      this.#refused = this.#token
      this.#loaded = false
      this.#parts.onStatus(error.status === 401 ? 'out' : 'forbidden')
      return
    }
    this.#failures += 1
    // One break is nothing to worry anybody with.
    if (this.#failures > 1 || !this.#loaded) this.#parts.onStatus('away')
    const pause = Math.min(1_000 * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS) * (0.75 + Math.random() / 2)
    await this.#pause(Math.max(pause, error instanceof Refused ? error.waitMs : 0))
  }

  async #call<T>(path: string, init: RequestInit = {}): Promise<T> {
    const signal = init.signal ?? this.#stopped.signal
    const headers = { Authorization: `Bearer ${this.#token}` }
    const answer = await fetch(`${this.#parts.service}/api/v1${path}`, {
      cache: 'no-store',
      credentials: 'omit',
      ...init,
      headers,
      signal,
    })
    if (!answer.ok) throw new Refused(answer.status, Number(answer.headers.get('Retry-After') ?? 0) * 1_000 || 0)
    return (await answer.json()) as T
  }

  /** Loads everything. What happens meanwhile leads to another load, so that nothing falls between. */
  async #load(): Promise<void> {
    const [me, rooms] = await Promise.all([this.#call<Me>('/users/me'), this.#call<Room[]>('/rooms?limit=200')])
    const general = rooms.find((room) => room.room_type === 'general')
    const messages =
      general === undefined || this.#loaded
        ? []
        : await this.#call<Message[]>(`/messages/history/${encodeURIComponent(general.room_id)}?limit=${String(HISTORY)}`)
    this.#loaded = true
    this.#failures = 0
    this.#refused = null
    this.#parts.onLoaded(me.hub_user_id, rooms, messages)
    this.#parts.onStatus('live')
  }

  #reloadSoon(): void {
    clearTimeout(this.#reload)
    this.#reload = setTimeout(() => {
      this.#load().catch(() => {
        // The stream tells when the service is away.
      })
    }, SETTLE_MS)
  }

  #take(event: Event & { id?: number }, id: string): void {
    const number = event.id ?? Number(id)
    if (Number.isSafeInteger(number) && number > 0) this.#last = number
    if (this.#parts.onEvent(event)) this.#reloadSoon()
  }

  /** Follows the stream until it ends; a ticket keeps the token out of the address. */
  async #stream(signal: AbortSignal): Promise<void> {
    const { ticket } = await this.#call<{ ticket: string }>('/events/ticket', { method: 'POST' })
    const since = this.#last === null ? '' : `&since=${String(this.#last)}`
    const source = new EventSource(`${this.#parts.service}/api/v1/events/stream?v=2&token=${encodeURIComponent(ticket)}${since}`)
    let begun = false
    try {
      await new Promise<void>((resolve, reject) => {
        let silence: ReturnType<typeof setTimeout>
        let unseen: ReturnType<typeof setTimeout> | undefined
        let over = false
        const end = (error: Error | null): void => {
          if (over) return
          over = true
          clearTimeout(silence)
          clearTimeout(unseen)
          document.removeEventListener('visibilitychange', look)
          signal.removeEventListener('abort', stop)
          this.#wake = null
          if (error === null) resolve()
          else reject(error)
        }
        const heard = (ms: number): void => {
          clearTimeout(silence)
          silence = setTimeout(() => {
            end(new Error('silence'))
          }, ms)
        }
        const look = (): void => {
          clearTimeout(unseen)
          if (document.hidden) {
            unseen = setTimeout(() => {
              end(null)
            }, UNSEEN_MS)
          }
        }
        const stop = (): void => {
          end(null)
        }
        heard(BEGIN_MS)
        look()
        document.addEventListener('visibilitychange', look)
        signal.addEventListener('abort', stop)
        // Another token: the stream of the old one is of no use.
        this.#wake = () => {
          void Promise.resolve(this.#parts.token()).then((token) => {
            if (token !== this.#token) end(null)
          })
        }
        source.onerror = () => {
          end(new Error('broken'))
        }
        source.onmessage = ({ data, lastEventId }: MessageEvent<string>) => {
          heard(SILENCE_MS)
          const event = JSON.parse(data) as Event
          if (event.type === 'connected') {
            begun = true
            this.#streamless = 0
            if (this.#loaded) {
              this.#failures = 0
              this.#parts.onStatus('live')
            } else this.#load().catch((error: unknown) => { end(error as Error) })
          } else this.#take(event, lastEventId)
        }
      })
    } finally {
      source.close()
      if (!begun && !signal.aborted && ++this.#streamless >= TRIES) {
        this.#streamless = 0
        this.#pollUntil = Date.now() + POLLING_MS
      }
    }
  }

  /** Asks again and again where streams do not come through, and tries a stream once in a while. */
  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && Date.now() < this.#pollUntil) {
      const place = this.#last === null ? `client=${this.#name}` : `since=${String(this.#last)}`
      const wait = this.#loaded ? '&wait=25' : ''
      const events = await this.#call<(Event & { id?: number })[]>(`/events/poll?v=2&${place}${wait}`)
      if (!this.#loaded) await this.#load()
      this.#failures = 0
      this.#parts.onStatus('live')
      for (const event of events) this.#take(event, '')
      await this.#pause(BETWEEN_POLLS_MS)
      if ((await this.#parts.token()) !== this.#token) return
      await this.#seen(signal)
    }
  }

  /** Waits until somebody looks at the page. */
  async #seen(signal: AbortSignal): Promise<void> {
    if (!document.hidden || !this.#loaded) return
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (document.hidden && !signal.aborted) return
        document.removeEventListener('visibilitychange', look)
        signal.removeEventListener('abort', look)
        resolve()
      }
      document.addEventListener('visibilitychange', look)
      signal.addEventListener('abort', look)
    })
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = null
  }
}
