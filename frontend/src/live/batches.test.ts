import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Batches, GATHER_MS } from './batches'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('passes on at once what comes alone, and together what comes in quick succession', () => {
  const passed: number[][] = []
  const batches = new Batches<number>((things) => passed.push(things))
  batches.add([1])
  expect(passed).toEqual([[1]])
  batches.add([2])
  batches.add([3, 4])
  expect(passed).toEqual([[1]])
  vi.advanceTimersByTime(GATHER_MS)
  expect(passed).toEqual([[1], [2, 3, 4]])
  vi.advanceTimersByTime(GATHER_MS)
  batches.add([5])
  expect(passed).toEqual([[1], [2, 3, 4], [5]])
})
