import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Me } from '@/api/schema'
import { useSession } from '@/session/session'
import { setToken } from '@/session/token'
import { SILENCE_MS } from './connection'
import type { LiveEvent } from './events'
import { useLive } from './live'
import { Channels, Locks, Stream } from './testing'

const me = (hub_user_id: string): Me => ({ hub_user_id, display_name: hub_user_id, matrix_user_id: '', role: 'user', tenant_id: 1, external_client_enabled: false })

let streams: Stream[]
let urls: string[]
let status: number
let all: ReturnType<typeof useLive>[]

/** A tab of a browser: a store of its own. */
function tab(person = 'anna') {
  setActivePinia(createPinia())
  const session = useSession()
  session.me = me(person)
  session.state = 'in'
  const live = useLive()
  const heard: (string | number)[] = []
  live.on((events: LiveEvent[]) => heard.push(...events.map((event) => event.id ?? event.type)))
  all.push(live)
  live.start()
  return { live, session, heard }
}

const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const last = (): Stream => streams.at(-1) as Stream

describe('useLive', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    streams = []
    urls = []
    all = []
    status = 200
    setToken('one')
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      urls.push(url)
      if (status !== 200) return Promise.resolve(new Response('{}', { status }))
      const stream = new Stream(init.signal)
      streams.push(stream)
      return Promise.resolve(stream.response)
    })
    const [locks, channels] = [new Locks(), new Channels()]
    vi.stubGlobal('BroadcastChannel', function open(name: string) {
      return channels.open(name)
    })
    Object.defineProperty(navigator, 'locks', { value: locks, configurable: true })
  })
  afterEach(() => {
    for (const live of all) live.stop()
    vi.unstubAllGlobals()
    Reflect.deleteProperty(navigator, 'locks')
    vi.useRealTimers()
  })

  it('has one stream for all tabs of a person, and all hear the same', async () => {
    const a = tab()
    await pass()
    last().tell({ type: 'connected' }, { type: 'read', id: 5 })
    await pass()
    const b = tab()
    await pass()
    expect(urls).toHaveLength(1)
    expect([a.live.leads, b.live.leads]).toEqual([true, false])
    expect(b.live.status).toBe('live')
    last().tell({ type: 'read', id: 6 }, { type: 'typing' })
    await pass(100)
    expect(a.heard).toEqual([5, 6, 'typing'])
    expect(b.heard).toEqual([6, 'typing'])
  })

  it('has a stream for each person', async () => {
    tab('anna')
    tab('ben')
    await pass()
    expect(urls).toHaveLength(2)
  })

  it('goes on in the next tab from what that one has heard, when the leading tab is closed', async () => {
    const a = tab()
    await pass()
    last().tell({ type: 'connected' }, { type: 'read', id: 5 })
    await pass()
    const b = tab()
    await pass()
    last().tell({ type: 'read', id: 6 })
    await pass()
    a.live.stop()
    await pass()
    expect(urls[1]).toContain('since=6')
    last().tell({ type: 'connected' }, { type: 'read', id: 6 }, { type: 'read', id: 7 })
    await pass(100)
    expect(b.heard).toEqual([6, 7])
    expect(b.live.status).toBe('live')
  })

  it('loads anew what a tab slept through', async () => {
    tab()
    await pass()
    last().tell({ type: 'connected' }, { type: 'read', id: 5 })
    await pass()
    const b = tab()
    await pass()
    const name = 'messenger.live.anna'
    const other = new BroadcastChannel(name)
    other.postMessage({ kind: 'events', events: [{ type: 'read', id: 9 }], after: 8 })
    await pass(100)
    expect(b.heard).toEqual(['gap', 9])
  })

  it('takes over from a tab that says nothing any more', async () => {
    const a = tab()
    await pass()
    last().tell({ type: 'connected' }, { type: 'read', id: 5 })
    await pass()
    const b = tab()
    await pass()
    // The browser froze the leading tab: it tells nothing, as time passes without its timers.
    const { now } = Date
    vi.spyOn(Date, 'now').mockImplementation(() => now() + SILENCE_MS + 1000)
    dispatchEvent(new Event('focus'))
    await pass()
    expect(b.live.leads).toBe(true)
    expect(a.live.leads).toBe(false)
    vi.restoreAllMocks()
  })

  it('stops with a refused token, and goes on with a fresh one from where it was', async () => {
    const a = tab()
    await pass()
    last().tell({ type: 'connected' }, { type: 'read', id: 5 })
    await pass()
    status = 401
    last().end()
    await pass(5_000)
    const calls = urls.length
    await pass(600_000)
    expect(urls).toHaveLength(calls)
    expect(a.live.status).toBe('offline')
    expect(a.live.since).not.toBeNull()
    status = 200
    a.session.state = 'expired'
    setToken('two')
    a.session.state = 'in'
    await pass(10)
    expect(urls.at(-1)).toContain('since=5')
    last().tell({ type: 'connected' })
    await pass()
    expect([a.live.status, a.live.since]).toEqual(['live', null])
  })

  it('ends when somebody signs out', async () => {
    const a = tab()
    await pass()
    a.session.state = 'out'
    await pass(600_000)
    expect(urls).toHaveLength(1)
  })

  it('tells those who load something when they miss nothing any more', async () => {
    const a = tab()
    let stands = false
    void a.live.stands().then(() => (stands = true))
    await pass(100)
    expect(stands).toBe(false)
    last().tell({ type: 'connected' })
    await pass()
    expect(stands).toBe(true)
  })

  it('does not make those wait for ever', async () => {
    const a = tab()
    let stands = false
    void a.live.stands(1500).then(() => (stands = true))
    await pass(1500)
    expect(stands).toBe(true)
  })

  it('gathers what comes in quick succession', async () => {
    const a = tab()
    const batches: number[] = []
    a.live.on((events) => batches.push(events.length))
    await pass()
    last().tell({ type: 'connected' })
    for (let id = 1; id <= 50; id += 1) {
      last().tell({ type: 'read', id })
      await pass(20)
    }
    await pass(100)
    expect(batches.length).toBeLessThanOrEqual(22)
    expect(batches.reduce((sum, count) => sum + count)).toBe(50)
  })
})
