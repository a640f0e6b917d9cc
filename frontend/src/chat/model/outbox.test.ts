import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/errors'
import { FILES_AT_ONCE, Outbox, STALE_MS, type Entry } from './outbox'
import { message } from './testing'
import type { Message } from './types'

interface Call {
  id: string
  answer: (message: Message) => void
  fail: (status: number, retryAfterMs?: number) => void
  progress: (part: number) => void
  signal?: AbortSignal
}

function setup() {
  const calls: Call[] = []
  const sent: string[] = []
  let saved: Entry[] = []
  const call = (entry: Entry, progress: (part: number) => void, signal?: AbortSignal): Promise<Message> =>
    new Promise((resolve, reject) => {
      const fail = (status: number, retryAfterMs: number | null = null): void => reject(new ApiError(status, {}, retryAfterMs))
      signal?.addEventListener('abort', () => fail(0))
      calls.push({ id: entry.clientId, answer: resolve, fail, progress, signal })
    })
  const outbox = new Outbox({
    sendText: (entry) => call(entry, () => undefined),
    sendFile: call,
    onSent: (entry, { event_id }) => sent.push(`${entry.clientId} ${event_id}`),
    onChange: () => undefined,
    save: (texts) => (saved = JSON.parse(JSON.stringify(texts)) as Entry[]),
    random: () => 1,
    now: Date.now,
  })
  const add = (clientId: string, roomId = '!r', file: File | null = null): void =>
    outbox.add({ clientId, roomId, body: clientId, replyTo: null, mentions: [], file, local: null })
  return { outbox, calls, sent, add, saved: () => saved, tried: () => calls.map((one) => one.id), states: () => outbox.all.map((entry) => `${entry.clientId} ${entry.state}`) }
}

const pass = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const file = new File(['x'], 'x.png', { type: 'image/png' })

describe('Outbox', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('sends the texts of a room one after another, and rooms beside each other', async () => {
    const { calls, sent, add, tried } = setup()
    add('a')
    add('b')
    add('c', '!other')
    expect(tried()).toEqual(['a', 'c'])
    calls[0]?.answer(message(1))
    await pass()
    expect(sent).toEqual(['a $1'])
    expect(tried()).toEqual(['a', 'c', 'b'])
  })

  it('tries again by itself under the same id, and lets nothing of the room overtake', async () => {
    const { calls, add, tried, states, sent } = setup()
    add('a')
    add('b')
    calls[0]?.fail(0)
    await pass(999)
    expect(tried()).toEqual(['a'])
    expect(states()).toEqual(['a waiting', 'b waiting'])
    await pass(1)
    calls[1]?.fail(503)
    await pass(2000)
    expect(tried()).toEqual(['a', 'a', 'a'])
    calls[2]?.answer(message(1))
    await pass()
    expect(tried()).toEqual(['a', 'a', 'a', 'b'])
    expect(sent).toEqual(['a $1'])
  })

  it('waits as long as the service asks, but not when the connection has come back', async () => {
    const { calls, add, tried, outbox } = setup()
    add('a')
    calls[0]?.fail(429, 30_000)
    await pass(29_000)
    expect(tried()).toEqual(['a'])
    await pass(1_000)
    expect(tried()).toEqual(['a', 'a'])
    calls[1]?.fail(0)
    await pass()
    outbox.kick()
    expect(tried()).toEqual(['a', 'a', 'a'])
  })

  it('keeps what is refused until somebody decides, and goes on with the rest', async () => {
    const { calls, add, tried, states, outbox } = setup()
    add('a')
    add('b')
    calls[0]?.fail(403)
    await pass()
    expect(tried()).toEqual(['a', 'b'])
    calls[1]?.answer(message(2))
    await pass(600_000)
    expect(states()).toEqual(['a failed'])
    expect(outbox.all[0]?.error?.status).toBe(403)
    outbox.retry('a')
    expect(tried()).toEqual(['a', 'b', 'a'])
    expect(outbox.all[0]?.error).toBeNull()
    calls[2]?.fail(403)
    await pass()
    outbox.cancel('a')
    expect(states()).toEqual([])
  })

  it('gives up on a fault of the service that does not pass', async () => {
    const { calls, add, states } = setup()
    add('a')
    for (let count = 0; count < 4; count += 1) {
      calls[count]?.fail(500)
      await pass(60_000)
    }
    expect(states()).toEqual(['a failed'])
    expect(calls).toHaveLength(4)
  })

  it('waits for a fresh token', async () => {
    const { calls, add, tried, states, outbox } = setup()
    add('a')
    calls[0]?.fail(401)
    await pass(600_000)
    add('b')
    expect(tried()).toEqual(['a'])
    expect(states()).toEqual(['a waiting', 'b waiting'])
    outbox.kick()
    expect(tried()).toEqual(['a', 'a'])
  })

  it('is done with what the stream tells of first, whatever becomes of the answer', async () => {
    const { calls, add, sent, outbox, states } = setup()
    add('a')
    expect(outbox.confirm('a', message(1))).toBe(true)
    expect(outbox.confirm('a', message(1))).toBe(false)
    calls[0]?.fail(0)
    await pass(60_000)
    expect(states()).toEqual([])
    expect(calls).toHaveLength(1)
    add('b')
    outbox.confirm('b', message(2))
    calls[1]?.answer(message(2))
    await pass()
    expect(sent).toEqual(['a $1', 'b $2'])
  })

  it('knows whether something may have arrived unseen', async () => {
    const { calls, add, outbox } = setup()
    add('a')
    expect([outbox.sending('!r'), outbox.sending('!other')]).toEqual([true, false])
    calls[0]?.fail(0)
    await pass()
    expect(outbox.sending('!r')).toBe(true)
    await pass(1000)
    calls[1]?.answer(message(1))
    await pass()
    expect(outbox.sending('!r')).toBe(false)
  })

  it('loses and doubles nothing over a reload in the middle of sending', async () => {
    const first = setup()
    first.add('a')
    first.add('b')
    first.add('f', '!r', file)
    expect(first.saved().map((entry) => entry.clientId)).toEqual(['a', 'b'])
    const second = setup()
    second.outbox.restore(first.saved())
    second.outbox.restore(first.saved())
    expect(second.tried()).toEqual(['a'])
    second.calls[0]?.answer(message(1))
    await pass()
    second.calls[1]?.answer(message(2))
    await pass()
    expect(second.sent).toEqual(['a $1', 'b $2'])
    expect(second.saved()).toEqual([])
  })

  it('does not send by itself what was written long ago', async () => {
    const first = setup()
    first.add('a')
    await pass(STALE_MS + 1)
    const second = setup()
    second.outbox.restore(first.saved())
    expect(second.tried()).toEqual([])
    expect(second.states()).toEqual(['a failed'])
    second.outbox.retry('a')
    expect(second.tried()).toEqual(['a'])
  })

  it('sends three files at once, beside the texts, with their progress', async () => {
    const { calls, add, tried, outbox } = setup()
    for (const id of ['f1', 'f2', 'f3', 'f4']) add(id, '!r', file)
    add('a')
    expect(tried()).toEqual(['f1', 'f2', 'f3', 'a'])
    expect(FILES_AT_ONCE).toBe(3)
    calls[1]?.progress(0.5)
    expect(outbox.all.map((entry) => entry.progress)).toEqual([0, 0.5, 0, 0, null])
    calls[0]?.answer(message(1))
    await pass()
    expect(tried()).toEqual(['f1', 'f2', 'f3', 'a', 'f4'])
  })

  it('breaks off a file that is taken back, and goes on', async () => {
    const { calls, add, tried, states, outbox } = setup()
    for (const id of ['f1', 'f2', 'f3', 'f4']) add(id, '!r', file)
    outbox.cancel('f2')
    await pass(60_000)
    expect(calls[1]?.signal?.aborted).toBe(true)
    expect(states()).toEqual(['f1 sending', 'f3 sending', 'f4 sending'])
    expect(tried()).toEqual(['f1', 'f2', 'f3', 'f4'])
  })
})
