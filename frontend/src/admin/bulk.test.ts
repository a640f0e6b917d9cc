import { describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/errors'
import { doEach } from './bulk'

const never = new AbortController().signal

describe('doing something to several things', () => {
  it('goes on after one that fails, and tells how far it is', async () => {
    const told: [number, number][] = []
    const act = vi.fn((id: string) => (id === 'b' ? Promise.reject(new ApiError(409, {})) : Promise.resolve()))
    const end = await doEach(['a', 'b', 'c'], act, (state) => told.push([state.done, state.failed.length]), never)
    expect(told).toEqual([
      [1, 0],
      [1, 1],
      [2, 1],
    ])
    expect(end.failed.map((one) => one.id)).toEqual(['b'])
  })

  it('waits as long as it is told, and tries that one again', async () => {
    vi.useFakeTimers()
    const act = vi.fn<(id: string) => Promise<void>>(() => Promise.resolve())
    act.mockRejectedValueOnce(new ApiError(429, {}, 5000))
    const running = doEach(['a', 'b'], act, () => undefined, never)
    await vi.advanceTimersByTimeAsync(4999)
    expect(act).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await running).toEqual({ done: 2, failed: [] })
    expect(act.mock.calls.map(([id]) => id)).toEqual(['a', 'a', 'b'])
    vi.useRealTimers()
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const act = vi.fn(() => {
      stop.abort()
      return Promise.resolve()
    })
    expect((await doEach(['a', 'b'], act, () => undefined, stop.signal)).done).toBe(1)
    expect(act).toHaveBeenCalledTimes(1)
  })
})
