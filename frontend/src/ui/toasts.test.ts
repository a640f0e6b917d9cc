import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { closeToast, holdToasts, toast, toasts } from './toasts'

const titles = (): string[] => toasts.value.map(({ title }) => title)
const action = { label: 'Undo', run: () => undefined }

beforeEach(() => {
  vi.useFakeTimers()
  toasts.value = []
  holdToasts(false)
})
afterEach(() => vi.useRealTimers())

it('goes by itself: later when it has something to do or tells of an error, never when it is urgent', () => {
  toast({ title: 'saved' })
  toast({ title: 'archived', action })
  toast({ title: 'broken', kind: 'error' })
  toast({ title: 'fire', kind: 'urgent', action })
  vi.advanceTimersByTime(5_999)
  expect(titles()).toEqual(['saved', 'archived', 'broken', 'fire'])
  vi.advanceTimersByTime(1)
  expect(titles()).toEqual(['archived', 'broken', 'fire'])
  vi.advanceTimersByTime(3_999)
  expect(titles()).toEqual(['archived', 'broken', 'fire'])
  vi.advanceTimersByTime(1)
  expect(titles()).toEqual(['fire'])
  vi.advanceTimersByTime(3_600_000)
  expect(titles()).toEqual(['fire'])
})

it('stays while it is held, also one that comes meanwhile, and has its whole time again afterwards', () => {
  toast({ title: 'before' })
  vi.advanceTimersByTime(5_000)
  holdToasts(true)
  toast({ title: 'meanwhile' })
  vi.advanceTimersByTime(60_000)
  expect(titles()).toEqual(['before', 'meanwhile'])
  holdToasts(false)
  vi.advanceTimersByTime(5_999)
  expect(titles()).toEqual(['before', 'meanwhile'])
  vi.advanceTimersByTime(1)
  expect(titles()).toEqual([])
})

it('is closed by hand, also an urgent one', () => {
  const id = toast({ title: 'fire', kind: 'urgent' })
  toast({ title: 'saved' })
  closeToast(id)
  expect(titles()).toEqual(['saved'])
})

it('makes room for a new one when there are four, an urgent one last', () => {
  toast({ title: 'fire', kind: 'urgent' })
  for (const title of ['a', 'b', 'c', 'd']) toast({ title, action })
  expect(titles()).toEqual(['fire', 'b', 'c', 'd'])
  for (const title of ['flood', 'storm', 'quake', 'dust']) toast({ title, kind: 'urgent' })
  expect(titles()).toEqual(['flood', 'storm', 'quake', 'dust'])
  toast({ title: 'saved' })
  expect(titles()).toEqual(['storm', 'quake', 'dust', 'saved'])
})
