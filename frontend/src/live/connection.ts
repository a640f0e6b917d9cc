import type { ApiError } from '@/api/errors'
import type { LiveEvent } from './events'
import { readEvents } from './sse'

/**
 * How the pages hear what happens. `connecting`: not yet, or again in a moment; `live`: by the stream; `polling`: the
 * stream is not possible here, so by asking; `offline`: not at all, and it is tried again.
 */
export type LiveStatus = 'connecting' | 'live' | 'polling' | 'offline'

/** Where a connection gets its world from; tests bring their own. */
export interface ConnectionParts {
  /** `fetch` without the pages' own handling of errors. */
  fetch: (url: string, init: RequestInit) => Promise<Response>
  /** The token that calls carry now. */
  token: () => string | null
  /** Makes an error of an answer that was none of the good ones. */
  errorOf: (response: Response) => Promise<ApiError>
  /** What the service told, in its order, nothing twice. */
  onEvents: (events: LiveEvent[]) => void
  onStatus: (status: LiveStatus) => void
  /** The service refused this token; the connection waits for `wake` with another one. */
  onRefused: (token: string | null) => void
  /** 0 to 1. */
  random: () => number
  now: () => number
  /** Names this tab where it polls without having seen an id yet. */
  client: string
}

/** The service sends something every 20 s; a stream that says nothing for so long is dead. */
export const SILENCE_MS = 45_000
/** A stream that does not say `connected` within this time is blocked or held back by something in between. */
export const CONNECT_MS = 10_000
/** How often the stream is tried again while polling works. */
export const PROBE_MS = 60_000
/** The same after streams that opened and then fell silent: something in between holds them back. */
export const PROBE_AFTER_SILENCE_MS = 300_000
/** A poll waits this long for something to happen; the most that the service allows. */
export const POLL_WAIT_S = 25
/** An answer to a poll may be so many seconds late. */
const LATE_S = 20
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** A stream that lived so long was a good one: the next try starts over with short pauses. */
const GOOD_MS = 10_000
/** So many streams in a row that fell silent are taken for buffered. */
const SILENT_STREAMS = 2

type Ending =
  /** It was open; then it ended or broke. */
  | { kind: 'ended' }
  /** It was open; then nothing came any more. */
  | { kind: 'silent' }
  /** The service answered, or something in its place, but there is no stream. */
  | { kind: 'blocked' }
  /** Nobody answered, or a part of the service is away. */
  | { kind: 'failed'; retryAfterMs: number | null }
  | { kind: 'refused' }
  /** `stop` or `wake`. */
  | { kind: 'interrupted' }

/**
 * One listener to the service: the stream where it is possible, polling where it is not, and always on again from the last
 * id. Knows nothing of tabs and of Vue.
 */
export class Connection {
  private readonly parts: ConnectionParts
  private lastId: number | null
  private running = false
  /** Whether anything was missed that no id can bring back: there was a connection, but never an id. */
  private adrift: boolean
  private failures = 0
  private silentStreams = 0
  private refusedToken: string | null | undefined
  private lastHeard = 0
  private status: LiveStatus | null = null
  private interrupt = new AbortController()
  private stopper = new AbortController()

  /** `since`: the last id that was seen; `adrift`: there was a connection before, so what it missed has to be loaded anew. */
  constructor(parts: ConnectionParts, since: number | null = null, adrift = false) {
    this.parts = parts
    this.lastId = since
    this.adrift = adrift && since === null
  }

  /** The last id that was seen. */
  get since(): number | null {
    return this.lastId
  }

  /** Begins to listen. */
  start(): void {
    if (this.running) return
    this.running = true
    this.stopper = new AbortController()
    void this.run()
  }

  /** Ends it. */
  stop(): void {
    this.running = false
    this.stopper.abort()
    this.interrupt.abort()
  }

  /**
   * Tries at once: the network is back, the tab is looked at, or there is a fresh token. A stream that is well is left
   * alone; `suspect` says that it may not be, because the network changed.
   */
  wake(suspect = false): void {
    if (!this.running) return
    const silentMs = this.parts.now() - this.lastHeard
    const well = this.status === 'live' && silentMs < (suspect ? 1_000 : SILENCE_MS)
    if (well || (this.status === 'polling' && !suspect)) return
    this.failures = 0
    this.interrupt.abort()
  }

  /** The network went: what is open is given up without waiting for it to fall silent. */
  cut(): void {
    if (!this.running) return
    this.failures = Math.max(this.failures, 1)
    this.interrupt.abort()
    this.tell('offline')
  }

  private tell(status: LiveStatus): void {
    if (status === this.status || !this.running) return
    this.status = status
    this.parts.onStatus(status)
  }

  /** Passes on what is new. */
  private hear(events: LiveEvent[]): void {
    if (!this.running) return
    const fresh = events.filter((event) => {
      if (event.id === undefined) return true
      if (this.lastId !== null && event.id <= this.lastId) return false
      this.lastId = event.id
      return true
    })
    if (fresh.length > 0) this.parts.onEvents(fresh)
  }

  /** Called when a connection stands. What was missed without an id to resume from has to be loaded anew. */
  private stands(status: 'live' | 'polling', hadId: boolean): void {
    this.tell(status)
    if (!hadId && this.adrift && this.running) this.parts.onEvents([{ type: 'gap' }])
    this.adrift = true
  }

  private async run(): Promise<void> {
    while (this.running) {
      this.interrupt = new AbortController()
      if (this.parts.token() === null || this.parts.token() === this.refusedToken) {
        this.tell('offline')
        await this.pause(null)
        continue
      }
      this.refusedToken = undefined
      if (this.failures === 0) this.tell('connecting')
      const opened = this.parts.now()
      let ending = await this.stream(this.interrupt.signal)
      const lived = this.parts.now() - opened
      if (ending.kind === 'silent') {
        this.silentStreams += 1
        // One silence may be a laptop that slept; a second one is something in between that holds the stream back.
        if (this.silentStreams >= SILENT_STREAMS) ending = await this.poll(PROBE_AFTER_SILENCE_MS)
      } else if (ending.kind === 'ended' && lived >= GOOD_MS) {
        this.failures = 0
      }
      if (ending.kind === 'blocked' || ending.kind === 'failed') {
        const streamed = ending
        ending = await this.poll(PROBE_MS)
        // The stream's own answer knows better how long to wait.
        if (ending.kind === 'failed' && streamed.kind === 'failed') ending = { kind: 'failed', retryAfterMs: ending.retryAfterMs ?? streamed.retryAfterMs }
      }
      await this.after(ending)
    }
  }

  private async after(ending: Ending): Promise<void> {
    if (!this.running || ending.kind === 'interrupted') return
    if (ending.kind === 'refused') {
      this.refusedToken = this.parts.token()
      this.tell('offline')
      this.parts.onRefused(this.refusedToken)
      return
    }
    const asked = ending.kind === 'failed' ? ending.retryAfterMs : null
    if (ending.kind === 'ended' || ending.kind === 'silent') {
      // A service that restarts is back in a moment; not everybody should come in the same one.
      if (this.failures === 0) this.tell('connecting')
      else this.tell('offline')
    } else {
      this.tell('offline')
    }
    const backoff = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS)
    this.failures += 1
    await this.pause(Math.max(asked ?? 0, backoff * (0.5 + this.parts.random() / 2)))
  }

  /** Until `ms` have passed, or until `wake`; `null`: only until `wake`. */
  private pause(ms: number | null): Promise<void> {
    const { signal } = this.interrupt
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve()
        return
      }
      const timer = ms === null ? undefined : setTimeout(resolve, ms)
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          resolve()
        },
        { once: true },
      )
    })
  }

  private headers(token: string | null): Record<string, string> {
    return token === null ? {} : { Authorization: `Bearer ${token}` }
  }

  /** Listens to the stream until it ends. `onOpen` is called when it says `connected`. */
  private async stream(signal: AbortSignal, onOpen: () => void = () => undefined): Promise<Ending> {
    const abort = new AbortController()
    const giveUp = (): void => abort.abort()
    signal.addEventListener('abort', giveUp, { once: true })
    let connected = false
    let timer = setTimeout(giveUp, CONNECT_MS)
    const watch = (): void => {
      this.lastHeard = this.parts.now()
      if (!connected) return
      clearTimeout(timer)
      timer = setTimeout(giveUp, SILENCE_MS)
    }
    const since = this.lastId
    try {
      const headers = { ...this.headers(this.parts.token()), Accept: 'text/event-stream' }
      const resume: Record<string, string> = since === null ? {} : { 'Last-Event-ID': String(since) }
      const query = since === null ? '' : `&since=${since}`
      const response = await this.parts.fetch(`/api/v1/events/stream?v=2${query}`, {
        headers: { ...headers, ...resume },
        cache: 'no-store',
        signal: abort.signal,
      })
      const refusal = await this.refusal(response)
      if (refusal !== null) return refusal
      const type = response.headers.get('Content-Type') ?? ''
      if (response.body === null || !type.startsWith('text/event-stream')) {
        giveUp()
        return { kind: 'blocked' }
      }
      await readEvents(
        response.body,
        (events) => {
          if (abort.signal.aborted) return
          if (!connected && events.some((event) => event.type === 'connected')) {
            connected = true
            watch()
            onOpen()
            this.stands('live', since !== null)
          }
          this.hear(events)
          // A stream that goes on speaking is not held back.
          if (connected && events.some((event) => event.type === 'keepalive')) this.silentStreams = 0
        },
        watch,
      )
      return connected ? { kind: 'ended' } : { kind: 'blocked' }
    } catch {
      if (signal.aborted || !this.running) return { kind: 'interrupted' }
      if (abort.signal.aborted) return connected ? { kind: 'silent' } : { kind: 'blocked' }
      return connected ? { kind: 'ended' } : { kind: 'failed', retryAfterMs: null }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Polls until that fails or the stream, which is tried every `probeMs`, works; then it is the stream until that ends. */
  private async poll(probeMs: number): Promise<Ending> {
    const { signal } = this.interrupt
    const polling = new AbortController()
    const probing = new AbortController()
    const giveUp = (): void => {
      polling.abort()
      probing.abort()
    }
    signal.addEventListener('abort', giveUp, { once: true })
    let timer: ReturnType<typeof setTimeout> | undefined
    let taken: Promise<Ending> | null = null
    const plan = (): void => {
      timer = setTimeout(() => {
        const trial: Promise<Ending> = this.stream(probing.signal, () => {
          taken = trial
          polling.abort()
        })
        void trial.then(() => {
          if (taken === null && !polling.signal.aborted) plan()
        })
      }, probeMs)
    }
    try {
      const ending = await this.polls(polling.signal, plan)
      if (signal.aborted || !this.running) return { kind: 'interrupted' }
      const streamed = taken as Promise<Ending> | null
      return streamed === null ? ending : await streamed
    } finally {
      clearTimeout(timer)
      giveUp()
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Asks again and again until that fails. `onStand` is called at the first answer. */
  private async polls(signal: AbortSignal, onStand: () => void): Promise<Ending> {
    let standing = false
    try {
      for (;;) {
        const since = this.lastId
        const from = since === null ? `client=${this.parts.client}` : `since=${since}`
        const wait = standing ? POLL_WAIT_S : 0
        const events = await this.ask(`/api/v1/events/poll?${from}&wait=${wait}&v=2`, (wait + LATE_S) * 1000, signal)
        if (!Array.isArray(events)) return events
        this.lastHeard = this.parts.now()
        if (!standing) {
          standing = true
          this.failures = 0
          this.stands('polling', since !== null)
          onStand()
        }
        this.hear(events)
      }
    } catch {
      return { kind: 'failed', retryAfterMs: null }
    }
  }

  /** One poll. An answer that does not come within `ms` is as bad as none. */
  private async ask(url: string, ms: number, signal: AbortSignal): Promise<LiveEvent[] | Ending> {
    const abort = new AbortController()
    const giveUp = (): void => abort.abort()
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    const timer = setTimeout(giveUp, ms)
    try {
      const response = await this.parts.fetch(url, {
        headers: this.headers(this.parts.token()),
        cache: 'no-store',
        signal: abort.signal,
      })
      return (await this.refusal(response)) ?? ((await response.json()) as LiveEvent[])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** What an answer that is not a good one means; `null` for a good one. */
  private async refusal(response: Response): Promise<Ending | null> {
    if (response.ok) return null
    const error = await this.parts.errorOf(response)
    if (error.status === 401) return { kind: 'refused' }
    if (error.passing) return { kind: 'failed', retryAfterMs: error.retryAfterMs }
    return { kind: 'blocked' }
  }
}
