interface Request {
  name: string
  run: () => Promise<void> | undefined
  resolve: () => void
  reject: (error: Error) => void
}

/** The locks of one browser, for tests. */
export class Locks {
  private readonly held = new Map<string, Request>()
  private queue: Request[] = []

  request(name: string, options: LockOptions, run: () => Promise<void> | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = { name, run, resolve, reject }
      options.signal?.addEventListener('abort', () => {
        if (!this.queue.includes(request)) return
        this.queue = this.queue.filter((one) => one !== request)
        reject(new DOMException('', 'AbortError'))
      })
      if (options.steal === true) {
        this.held.get(name)?.reject(new DOMException('', 'AbortError'))
        this.held.delete(name)
        this.queue.unshift(request)
      } else {
        this.queue.push(request)
      }
      queueMicrotask(() => this.grant())
    })
  }

  private grant(): void {
    const next = this.queue.find((one) => !this.held.has(one.name))
    if (next === undefined) return
    this.queue = this.queue.filter((one) => one !== next)
    this.held.set(next.name, next)
    void Promise.resolve(next.run()).then(() => {
      if (this.held.get(next.name) === next) this.held.delete(next.name)
      next.resolve()
      this.grant()
    })
  }
}

/** The channels between the tabs of one browser, for tests. They deliver at once. */
export class Channels {
  private readonly all = new Set<{ name: string; onmessage: ((event: MessageEvent) => void) | null }>()

  open(name: string): BroadcastChannel {
    const { all } = this
    const channel = {
      name,
      onmessage: null as ((event: MessageEvent) => void) | null,
      postMessage(data: unknown) {
        for (const other of all) if (other !== channel && other.name === name) other.onmessage?.({ data: structuredClone(data) } as MessageEvent)
      },
      close: () => void all.delete(channel),
    }
    all.add(channel)
    return channel as unknown as BroadcastChannel
  }
}

/** An event stream of the service that a test writes by hand. */
export class Stream {
  private control!: ReadableStreamDefaultController<Uint8Array>
  readonly response: Response

  constructor(signal: AbortSignal | null | undefined, type = 'text/event-stream') {
    const body = new ReadableStream<Uint8Array>({ start: (control) => void (this.control = control) })
    signal?.addEventListener('abort', () => this.fail())
    this.response = new Response(body, { headers: { 'Content-Type': type } })
  }

  /** Writes a piece of it. */
  say(text: string): void {
    this.control.enqueue(new TextEncoder().encode(text))
  }

  /** Tells events; those with an id of their own as frames with an id. */
  tell(...events: { id?: number; type: string; [field: string]: unknown }[]): void {
    this.say(events.map(({ id, ...event }) => `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`).join(''))
  }

  /** Ends it well. */
  end(): void {
    this.control.close()
  }

  /** Breaks it off. */
  fail(): void {
    try {
      this.control.error(new TypeError('broken'))
    } catch {
      // It had ended.
    }
  }
}
