import { describe, expect, it } from 'vitest'
import { Tabs, type TabMessage, type TabParts } from './tabs'

interface Request {
  name: string
  run: () => Promise<void> | undefined
  resolve: () => void
  reject: (error: Error) => void
}

/** The locks of one browser. */
class Locks {
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

class Channels {
  private readonly all = new Set<{ name: string; onmessage: ((event: MessageEvent) => void) | null }>()

  open(name: string): BroadcastChannel {
    const { all } = this
    const channel = {
      name,
      onmessage: null as ((event: MessageEvent) => void) | null,
      postMessage(data: unknown) {
        for (const other of all) if (other !== channel && other.name === name) other.onmessage?.({ data } as MessageEvent)
      },
      close: () => void all.delete(channel),
    }
    all.add(channel)
    return channel as unknown as BroadcastChannel
  }
}

function browser() {
  const locks = new Locks()
  const channels = new Channels()
  const parts = { locks, channel: (name: string) => channels.open(name) } as unknown as TabParts
  return (person: string) => {
    const heard: TabMessage[] = []
    const led: boolean[] = []
    const tabs = new Tabs(parts, `messenger.live.${person}`, (message) => heard.push(message), (leads) => led.push(leads))
    return { tabs, heard, led }
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

describe('Tabs', () => {
  it('has one leader, and the next one leads when it goes', async () => {
    const tab = browser()
    const [a, b] = [tab('anna'), tab('anna')]
    a.tabs.start()
    await settle()
    b.tabs.start()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([true, false])
    expect(a.heard).toEqual([{ kind: 'hello' }])
    a.tabs.stop()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([false, true])
    expect(b.led).toEqual([true])
  })

  it('keeps people apart', async () => {
    const tab = browser()
    const [a, b] = [tab('anna'), tab('ben')]
    a.tabs.start()
    b.tabs.start()
    await settle()
    a.tabs.tell({ kind: 'wake' })
    expect([a.tabs.leads, b.tabs.leads]).toEqual([true, true])
    expect(b.heard).toEqual([])
  })

  it('can be taken over from a tab that is frozen, which then waits again', async () => {
    const tab = browser()
    const [a, b] = [tab('anna'), tab('anna')]
    a.tabs.start()
    await settle()
    b.tabs.start()
    await settle()
    b.tabs.takeOver()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([false, true])
    b.tabs.stop()
    await settle()
    expect(a.tabs.leads).toBe(true)
    expect(a.led).toEqual([true, false, true])
  })

  it('steps down for another tab and may stand again', async () => {
    const tab = browser()
    const [a, b] = [tab('anna'), tab('anna')]
    a.tabs.start()
    await settle()
    b.tabs.start()
    await settle()
    a.tabs.stepDown()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([false, true])
    a.tabs.start()
    b.tabs.stepDown()
    await settle()
    expect([a.tabs.leads, b.tabs.leads]).toEqual([true, false])
  })

  it('leads each tab where the browser has no locks', () => {
    const led: boolean[] = []
    const tabs = new Tabs({ locks: null, channel: null }, 'x', () => undefined, (leads) => led.push(leads))
    tabs.start()
    expect(led).toEqual([true])
    expect(tabs.shared).toBe(false)
  })
})
