import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { IDLE_MS, TELL_MS, TypingSignal } from './typing-signal'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setup() {
  const told: string[] = []
  const signal = new TypingSignal((roomId, types) => {
    told.push(`${roomId} ${String(types)}`)
    return Promise.reject(new Error('nobody'))
  })
  return { told, signal }
}

it('tells now and again while somebody types, and once when it ends', () => {
  const { told, signal } = setup()
  for (let ms = 0; ms < 2 * TELL_MS; ms += 100) {
    signal.types('!r')
    vi.advanceTimersByTime(100)
  }
  expect(told).toEqual(['!r true', '!r true'])
  signal.stop('!r')
  signal.stop('!r')
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual(['!r true', '!r true', '!r false'])
})

it('ends by itself', () => {
  const { told, signal } = setup()
  signal.types('!r')
  vi.advanceTimersByTime(IDLE_MS)
  expect(told).toEqual(['!r true', '!r false'])
})

it('is in one room at a time', () => {
  const { told, signal } = setup()
  signal.types('!a')
  signal.types('!b')
  expect(told).toEqual(['!a true', '!a false', '!b true'])
})
