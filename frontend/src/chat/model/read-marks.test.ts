import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/errors'
import { MARK_AFTER_MS, MARK_EVERY_MS, ReadMarks } from './read-marks'

function setup() {
  const state = { attentive: true, fail: null as ApiError | null }
  const sent: string[] = []
  const marked: string[] = []
  const marks = new ReadMarks({
    send: (roomId, eventId) => {
      sent.push(`${roomId} ${eventId}`)
      return state.fail === null ? Promise.resolve() : Promise.reject(state.fail)
    },
    attentive: () => state.attentive,
    onMark: (roomId, eventId) => marked.push(`${roomId} ${eventId}`),
  })
  return { state, sent, marked, marks }
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

describe('ReadMarks', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('marks at once here, and tells the service the last of several a little later', async () => {
    const { marks, sent, marked } = setup()
    marks.see('!r', '$1', 1)
    marks.see('!r', '$2', 2)
    expect(marked).toEqual(['!r $1', '!r $2'])
    expect(sent).toEqual([])
    await pass(MARK_AFTER_MS)
    expect(sent).toEqual(['!r $2'])
  })

  it('tells seldom while much is said', async () => {
    const { marks, sent } = setup()
    for (let n = 1; n <= 600; n += 1) {
      marks.see('!r', `$${n}`, n)
      await pass(100)
    }
    await pass(MARK_EVERY_MS)
    expect(sent.length).toBeLessThanOrEqual(14)
    expect(sent.at(-1)).toBe('!r $600')
  })

  it('never goes backwards', async () => {
    const { marks, sent } = setup()
    marks.see('!r', '$5', 5)
    await pass(MARK_AFTER_MS)
    marks.see('!r', '$3', 3)
    marks.see('!r', '$5', 5)
    marks.known('!r', '$9', 9)
    marks.see('!r', '$7', 7)
    await pass(60_000)
    expect(sent).toEqual(['!r $5'])
  })

  it('reads nothing while nobody is there, and what is on the screen when somebody comes', async () => {
    const { marks, sent, marked, state } = setup()
    state.attentive = false
    marks.see('!r', '$1', 1)
    marks.see('!gone', '$2', 2)
    marks.leave('!gone')
    await pass(60_000)
    expect(sent).toEqual([])
    state.attentive = true
    marks.attend()
    expect(marked).toEqual(['!r $1'])
    await pass(MARK_AFTER_MS)
    expect(sent).toEqual(['!r $1'])
  })

  it('tells once more what the service could not take, but not what it refused', async () => {
    const { marks, sent, state } = setup()
    state.fail = new ApiError(503, {})
    marks.see('!r', '$1', 1)
    await pass(MARK_AFTER_MS)
    state.fail = null
    await pass(60_000)
    expect(sent).toEqual(['!r $1', '!r $1'])
    state.fail = new ApiError(404, {})
    marks.see('!r', '$2', 2)
    await pass(600_000)
    expect(sent).toEqual(['!r $1', '!r $1', '!r $2'])
  })
})
