import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { errorOf } from '@/api/client'
import { Connection, CONNECT_MS, PROBE_MS, SILENCE_MS, type LiveStatus } from './connection'
import type { LiveEvent } from './events'
import { Stream } from './testing'

const CONNECTED = 'data: {"type":"connected"}\n\n'
const message = (id: number): string => `id: ${id}\ndata: {"type":"new_message","room_id":"!r","event_id":"$${id}"}\n\n`

type Answer = (url: string, init: RequestInit) => Promise<Response>
const nobody: Answer = () => Promise.reject(new TypeError('no network'))
const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Promise<Response> =>
  Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } }))
/** Never answers, but ends when it is broken off. */
const silence: Answer = (_, init) =>
  new Promise((_resolve, reject) => init.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))))
/** A poll during which nothing happens. */
const quiet: Answer = (url, init) =>
  url.includes('wait=0')
    ? json([])
    : new Promise((resolve, reject) => {
        setTimeout(() => resolve(new Response('[]')), 25_000)
        init.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
      })

function setup(since: number | null = null, adrift = false) {
  const world = {
    token: 'one' as string | null,
    streams: [] as Stream[],
    urls: [] as string[],
    headers: [] as Record<string, string>[],
    events: [] as LiveEvent[],
    status: [] as LiveStatus[],
    refused: [] as (string | null)[],
    stream: ((_, init) => {
      const stream = new Stream(init.signal)
      world.streams.push(stream)
      return Promise.resolve(stream.response)
    }) as Answer,
    poll: nobody,
  }
  const connection = new Connection(
    {
      fetch: (url, init) => {
        world.urls.push(url)
        world.headers.push(init.headers as Record<string, string>)
        return url.includes('/stream') ? world.stream(url, init) : world.poll(url, init)
      },
      token: () => world.token,
      errorOf,
      onEvents: (events) => world.events.push(...events),
      onStatus: (status) => world.status.push(status),
      onRefused: (token) => world.refused.push(token),
      random: () => 1,
      now: Date.now,
      client: 'tab',
    },
    since,
    adrift,
  )
  const streams = (): string[] => world.urls.filter((url) => url.includes('/stream'))
  const polls = (): string[] => world.urls.filter((url) => url.includes('/poll'))
  return { world, connection, streams, polls, last: () => world.streams.at(-1) as Stream }
}

const types = (events: LiveEvent[]): string[] => events.map((event) => (event.id === undefined ? event.type : String(event.id)))
const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

describe('Connection', () => {
  let stop: () => void
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    stop()
    vi.useRealTimers()
  })
  const start = (connection: Connection): void => {
    stop = () => connection.stop()
    connection.start()
  }

  it('asks for the stream with the token and passes on what it tells', async () => {
    const { world, connection, last } = setup()
    start(connection)
    await pass()
    expect(world.urls).toEqual(['/api/v1/events/stream?v=2'])
    expect(world.headers[0]).toMatchObject({ Authorization: 'Bearer one' })
    last().say(CONNECTED)
    last().say(message(7).slice(0, 20))
    last().say(message(7).slice(20) + message(8))
    await pass()
    expect(world.status).toEqual(['connecting', 'live'])
    expect(types(world.events)).toEqual(['connected', '7', '8'])
    expect(connection.since).toBe(8)
  })

  it('comes back after a break from the last id, and passes on nothing twice', async () => {
    const { world, connection, last, streams } = setup()
    start(connection)
    await pass()
    last().say(CONNECTED + message(7))
    await pass()
    last().fail()
    await pass(1000)
    expect(streams()[1]).toBe('/api/v1/events/stream?v=2&since=7')
    expect(world.headers.at(-1)).toMatchObject({ 'Last-Event-ID': '7' })
    last().say(CONNECTED + message(7) + message(9))
    await pass()
    expect(types(world.events)).toEqual(['connected', '7', 'connected', '9'])
    expect(world.status).toEqual(['connecting', 'live', 'connecting', 'live'])
  })

  it('says that something was missed when it comes back without ever having had an id', async () => {
    const { world, connection, last } = setup()
    start(connection)
    await pass()
    last().say(CONNECTED)
    await pass()
    expect(types(world.events)).toEqual(['connected'])
    last().end()
    await pass(1000)
    last().say(CONNECTED)
    await pass()
    expect(types(world.events)).toEqual(['connected', 'gap', 'connected'])
  })

  it('takes a stream for dead that says nothing for 45 s, but not one that keeps alive', async () => {
    const { connection, last, streams } = setup(5)
    start(connection)
    await pass()
    last().say(CONNECTED)
    for (let count = 0; count < 5; count += 1) {
      await pass(20_000)
      last().say('data: {"type":"keepalive"}\n\n')
    }
    await pass(SILENCE_MS - 1)
    expect(streams()).toHaveLength(1)
    await pass(1 + 1000)
    expect(streams()).toHaveLength(2)
  })

  it('waits longer and longer while nobody answers, at most half a minute', async () => {
    const { world, connection, streams } = setup()
    world.stream = nobody
    start(connection)
    const at: number[] = []
    let seen = 0
    for (let second = 0; second <= 130; second += 1) {
      await pass(second === 0 ? 0 : 1000)
      if (streams().length > seen) at.push(second)
      seen = streams().length
    }
    expect(at).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121])
    expect(world.status).toEqual(['connecting', 'offline'])
  })

  it('waits as long as the service asks', async () => {
    const { world, connection, streams } = setup()
    world.stream = () => json({ error: 'rate_limited' }, 429, { 'Retry-After': '40' })
    world.poll = () => json({ error: 'rate_limited' }, 429, { 'Retry-After': '20' })
    start(connection)
    await pass(19_000)
    expect(streams()).toHaveLength(1)
    await pass(1_000)
    expect(streams()).toHaveLength(2)
  })

  it('tries at once when it is woken', async () => {
    const { world, connection, streams } = setup()
    world.stream = nobody
    start(connection)
    await pass(40_000)
    const before = streams().length
    connection.wake()
    await pass()
    expect(streams()).toHaveLength(before + 1)
  })

  it('leaves a stream alone that is well, and gives one up that slept or whose network changed', async () => {
    const { connection, last, streams } = setup(1)
    start(connection)
    await pass()
    last().say(CONNECTED)
    await pass(2_000)
    connection.wake()
    await pass()
    expect(streams()).toHaveLength(1)
    connection.wake(true)
    await pass()
    expect(streams()).toHaveLength(2)
  })

  it('is offline at once when the network goes', async () => {
    const { world, connection, last } = setup(1)
    start(connection)
    await pass()
    last().say(CONNECTED)
    await pass()
    world.stream = nobody
    connection.cut()
    await pass()
    expect(world.status.at(-1)).toBe('offline')
  })

  it('stops at a refused token and goes on with a fresh one', async () => {
    const { world, connection, streams, last } = setup(3)
    const good = world.stream
    world.stream = () => json({ error: 'unauthenticated' }, 401)
    start(connection)
    await pass(600_000)
    expect(streams()).toHaveLength(1)
    expect(world.refused).toEqual(['one'])
    connection.wake()
    await pass(60_000)
    expect(streams()).toHaveLength(1)
    world.stream = good
    world.token = 'two'
    connection.wake()
    await pass()
    expect(world.headers.at(-1)).toMatchObject({ Authorization: 'Bearer two', 'Last-Event-ID': '3' })
    last().say(CONNECTED)
    await pass()
    expect(world.status.at(-1)).toBe('live')
  })

  it('polls when a proxy holds the stream back', async () => {
    const { world, connection, polls } = setup(4)
    let answer: (events: unknown) => void = () => undefined
    world.poll = (url) => (url.includes('wait=0') ? json([{ id: 5, type: 'read' }]) : new Promise((resolve) => (answer = (events) => resolve(new Response(JSON.stringify(events))))))
    start(connection)
    await pass(CONNECT_MS)
    expect(world.status).toEqual(['connecting', 'polling'])
    answer([{ id: 6, type: 'read' }])
    await pass()
    expect(polls()).toEqual([
      '/api/v1/events/poll?since=4&wait=0&v=2',
      '/api/v1/events/poll?since=5&wait=25&v=2',
      '/api/v1/events/poll?since=6&wait=25&v=2',
    ])
    expect(types(world.events)).toEqual(['5', '6'])
  })

  it('polls when a page stands in place of the stream', async () => {
    const { world, connection } = setup(4)
    world.stream = (_, init) => Promise.resolve(new Stream(init.signal, 'text/html').response)
    world.poll = quiet
    start(connection)
    await pass()
    expect(world.status.at(-1)).toBe('polling')
  })

  it('polls under its own name while it knows no id', async () => {
    const { world, connection, polls } = setup()
    world.stream = () => json({}, 404)
    world.poll = quiet
    start(connection)
    await pass()
    expect(polls()).toEqual(['/api/v1/events/poll?client=tab&wait=0&v=2', '/api/v1/events/poll?client=tab&wait=25&v=2'])
  })

  it('tries the stream again every minute while it polls, and takes it without missing or doubling', async () => {
    const { world, connection, streams, last } = setup(4)
    const good = world.stream
    world.stream = silence
    world.poll = (url, init) => (url.includes('wait=0') ? json([{ id: 5, type: 'read' }]) : quiet(url, init))
    start(connection)
    await pass(CONNECT_MS)
    await pass(PROBE_MS)
    expect(streams()).toHaveLength(2)
    expect(world.status.at(-1)).toBe('polling')
    world.stream = good
    await pass(CONNECT_MS + PROBE_MS)
    expect(streams()).toHaveLength(3)
    expect(streams()[2]).toContain('since=5')
    last().say(CONNECTED + message(5) + message(6))
    await pass()
    expect(world.status.at(-1)).toBe('live')
    expect(types(world.events)).toEqual(['5', 'connected', '6'])
    const calls = world.urls.length
    await pass(30_000)
    expect(world.urls).toHaveLength(calls)
  })

  it('does not keep a stream that was tried while polling failed', async () => {
    const { world, connection } = setup(4)
    world.stream = silence
    let fail: (error: unknown) => void = () => undefined
    world.poll = (url, init) => Promise.race([quiet(url, init), new Promise<Response>((_, reject) => (fail = reject))])
    start(connection)
    await pass(CONNECT_MS)
    world.stream = (_, init) => {
      const stream = new Stream(init.signal)
      world.streams.push(stream)
      return Promise.resolve(stream.response)
    }
    await pass(PROBE_MS)
    const probed = world.streams[0] as Stream
    fail(new TypeError())
    await pass(2_000)
    const opened = world.streams.at(-1) as Stream
    expect(opened).not.toBe(probed)
    opened.say(CONNECTED + message(5))
    expect(() => probed.say(CONNECTED)).toThrow()
    await pass()
    expect(types(world.events)).toEqual(['connected', '5'])
  })

  it('polls when streams open and fall silent again and again', async () => {
    const { world, connection, streams } = setup(4)
    const open = world.stream
    world.stream = async (url, init) => {
      const response = await open(url, init)
      world.streams.at(-1)?.say(CONNECTED)
      return response
    }
    world.poll = quiet
    start(connection)
    await pass(2 * SILENCE_MS + 2_000)
    expect(streams()).toHaveLength(2)
    expect(world.status.at(-1)).toBe('polling')
  })

  it('passes on nothing after stop', async () => {
    const { world, connection, last } = setup()
    start(connection)
    await pass()
    const stream = last()
    connection.stop()
    await pass()
    stream.fail()
    await pass(120_000)
    expect(world.urls).toHaveLength(1)
    expect(world.events).toEqual([])
  })
})
