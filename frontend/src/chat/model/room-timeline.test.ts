import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/errors'
import type { History, Marker, Where } from './calls'
import { RoomTimeline } from './room-timeline'
import { ids, message, range } from './testing'
import type { Message } from './types'
import { MOST } from './window'

/** A room of the service. Answers can be held back, so that something happens while they are on their way. */
class Room {
  messages: Message[]
  asked: Where[] = []
  held: (() => void)[] | null = null
  fail: ApiError | null = null
  markers: Marker[] = []

  constructor(count: number) {
    this.messages = range(1, count).map((n) => message(n))
  }

  history = async (_: string, where: Where, limit = 50): Promise<History> => {
    this.asked.push(where)
    if (this.fail !== null) throw this.fail
    const answer = this.page(where, limit)
    if (this.held !== null) await new Promise<void>((resolve) => this.held?.push(resolve))
    return answer
  }

  /** Lets the oldest answer go. */
  async release(): Promise<void> {
    this.held?.shift()?.()
    await vi.advanceTimersByTimeAsync(0)
  }

  private page(where: Where, limit: number): History {
    const all = this.messages
    const index = (id: string): number => {
      const at = all.findIndex((one) => one.event_id === id)
      if (at < 0) throw new ApiError(404, {})
      return at
    }
    let [from, to] = [all.length - limit, all.length]
    if (where.before !== undefined) {
      to = index(where.before)
      from = to - limit
    } else if (where.after !== undefined) {
      from = index(where.after) + 1
      to = from + limit
    } else if (where.around !== undefined) {
      from = index(where.around) - Math.floor(limit / 2)
      to = from + limit
    }
    from = Math.max(0, from)
    to = Math.min(all.length, to)
    return { messages: all.slice(from, to), hasBefore: from > 0, hasAfter: to < all.length }
  }
}

function setup(count: number) {
  const room = new Room(count)
  const state = { sending: false }
  const timeline = new RoomTimeline('!r', {
    me: () => 'anna',
    history: room.history,
    reads: () => Promise.resolve(room.markers),
    sending: () => state.sending,
    onChange: () => undefined,
  })
  /** Something is said in the room, and the stream tells of it. */
  const say = (n: number, more: Partial<Message> = {}, clientId: string | null = null): Message => {
    const said = message(n, more)
    room.messages.push(said)
    timeline.arrive({ message: said, clientId })
    return said
  }
  return { room, timeline, state, say, shown: () => ids(timeline.window.items) }
}

const mine = { hub_user_id: 'anna', sender_display_name: 'Anna' }
const at = (n: number): number => Date.parse(message(n).sent_at)

describe('RoomTimeline', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('shows the newest messages and goes back without holes or doubles', async () => {
    const { timeline, shown } = setup(120)
    await timeline.load()
    expect(shown()).toEqual(range(71, 120))
    await Promise.all([timeline.loadBefore(), timeline.loadBefore()])
    expect(shown()).toEqual(range(21, 120))
    await timeline.loadBefore()
    await timeline.loadBefore()
    expect(shown()).toEqual(range(1, 120))
    expect(timeline.window.hasBefore).toBe(false)
  })

  it('is as quick and as small in a room of 100,000 messages', async () => {
    const { timeline, room } = setup(100_000)
    await timeline.load()
    expect(room.asked).toHaveLength(1)
    for (let count = 0; count < 20; count += 1) await timeline.loadBefore()
    expect(timeline.window.items).toHaveLength(MOST)
    expect(timeline.window.hasAfter).toBe(true)
    for (let count = 0; count < 30; count += 1) await timeline.loadAfter()
    expect(timeline.window.last?.eventId).toBe('$100000')
    expect(timeline.window.hasAfter).toBe(false)
  })

  it('jumps to a message and back to the newest', async () => {
    const { timeline, shown } = setup(1000)
    await timeline.load()
    expect(await timeline.jumpTo('$500')).toBe(true)
    expect([timeline.window.hasBefore, timeline.window.hasAfter]).toEqual([true, true])
    expect(shown()).toContain(500)
    await timeline.jumpToNewest()
    expect(shown().at(-1)).toBe(1000)
  })

  it('stays where it is when there is nothing to jump to', async () => {
    const { timeline, shown } = setup(60)
    await timeline.load()
    const before = shown()
    expect(await timeline.jumpTo('$9999')).toBe(false)
    expect(shown()).toEqual(before)
    expect(timeline.error).toBeNull()
  })

  it('shows the newest when a link leads to a message that is gone', async () => {
    const { timeline, shown } = setup(10)
    expect(await timeline.jumpTo('$9999')).toBe(false)
    expect(shown()).toEqual(range(1, 10))
  })

  it('only counts what is said while it shows another place', async () => {
    const { timeline, say, shown } = setup(1000)
    await timeline.load()
    await timeline.jumpTo('$500')
    const before = shown()
    say(1001)
    say(1002, mine)
    say(1003)
    expect(shown()).toEqual(before)
    expect(timeline.newBelow).toBe(2)
    await timeline.jumpToNewest()
    expect(shown().slice(-4)).toEqual(range(1000, 1003))
    expect(timeline.newBelow).toBe(0)
  })

  it('counts what is said below while one reads further up', async () => {
    const { timeline, say, shown } = setup(10)
    await timeline.load()
    timeline.setAtEnd(true)
    say(11)
    expect(timeline.newBelow).toBe(0)
    timeline.setAtEnd(false)
    say(12)
    say(13, mine)
    expect(timeline.newBelow).toBe(1)
    timeline.setAtEnd(true)
    expect(timeline.newBelow).toBe(0)
    expect(shown()).toEqual(range(1, 13))
  })

  it('misses nothing that is said while the first page is on its way', async () => {
    const { timeline, room, say, shown } = setup(3)
    room.held = []
    const loading = timeline.load()
    say(4)
    timeline.change('$2', { kind: 'edit', body: 'new', at: 5 })
    timeline.change('$4', { kind: 'delete' })
    await room.release()
    await loading
    expect(shown()).toEqual(range(1, 4))
    expect(timeline.window.find('$2')?.body).toBe('new')
    expect(timeline.window.find('$4')?.deleted).toBe(true)
  })

  it('misses nothing that is said while it comes back to the newest', async () => {
    const { timeline, room, say, shown } = setup(100)
    await timeline.load()
    await timeline.jumpTo('$30')
    room.held = []
    const loading = timeline.loadAfter()
    say(101)
    await room.release()
    await loading
    expect(shown().slice(-3)).toEqual([99, 100, 101])
  })

  it('forgets what was asked for before a jump', async () => {
    const { timeline, room, shown } = setup(1000)
    await timeline.load()
    room.held = []
    const older = timeline.loadBefore()
    const jump = timeline.jumpTo('$100')
    room.held.reverse()
    await room.release()
    await jump
    await room.release()
    await older
    const first = Number(timeline.window.first?.eventId?.slice(1))
    expect(shown()).toEqual(range(first, first + shown().length - 1))
    expect(shown()).toContain(100)
    expect(timeline.loading).toBe(false)
  })

  it('links no page where the start was cut off meanwhile', async () => {
    const { timeline, room, say, shown } = setup(1000)
    await timeline.load()
    for (let count = 0; count < 7; count += 1) await timeline.loadBefore()
    expect(timeline.window.items).toHaveLength(400)
    room.held = []
    const older = timeline.loadBefore()
    for (const n of range(1001, 1060)) say(n)
    await room.release()
    await older
    expect(shown()).toEqual(range(Number(shown()[0]), 1060))
  })

  it('loads anew after a gap and keeps the place', async () => {
    const { timeline, room, shown } = setup(300)
    await timeline.load()
    await timeline.loadBefore()
    room.messages.push(...range(301, 320).map((n) => message(n)))
    room.messages[260] = message(261, { body: 'changed', edited: true })
    await timeline.refresh()
    expect(shown()).toEqual(range(201, 320))
    expect(timeline.window.find('$261')?.body).toBe('changed')
    expect(timeline.window.hasBefore).toBe(true)
  })

  it('shows the newest after a gap that is longer than what it holds', async () => {
    const { timeline, room, shown } = setup(100)
    await timeline.load()
    room.messages.push(...range(101, 2000).map((n) => message(n)))
    await timeline.refresh()
    expect(shown().at(-1)).toBe(2000)
    expect(shown()).toEqual(range(Number(shown()[0]), 2000))
    expect(timeline.window.hasBefore).toBe(true)
  })

  it('loads another place anew after a gap', async () => {
    const { timeline, room, shown } = setup(1000)
    await timeline.load()
    await timeline.jumpTo('$500')
    const before = shown()
    room.messages[499] = message(500, { deleted: true, body: '' })
    await timeline.refresh()
    expect(shown().slice(0, before.length)).toEqual(before)
    expect(timeline.window.find('$500')?.deleted).toBe(true)
    expect(timeline.window.hasAfter).toBe(true)
  })

  it('takes no old message in that is told late', async () => {
    const { timeline, shown } = setup(100)
    await timeline.load()
    timeline.arrive({ message: message(7), clientId: null })
    expect(shown()).toEqual(range(51, 100))
  })

  it('knows own messages by their client id, whichever comes first', async () => {
    const { timeline, say, shown, state } = setup(2)
    await timeline.load()
    state.sending = true
    say(3, mine, 'c3')
    timeline.accept(message(3, mine), 'c3')
    timeline.accept(message(4, mine), 'c4')
    say(4, mine, 'c4')
    expect(shown()).toEqual(range(1, 4))
    expect(timeline.window.items.slice(2).map((item) => item.key)).toEqual(['c3', 'c4'])
  })

  it('holds back own messages without a client id until the answer tells which one it is', async () => {
    const { timeline, say, shown, state } = setup(2)
    await timeline.load()
    state.sending = true
    say(3, mine)
    say(4)
    expect(shown()).toEqual([1, 2])
    timeline.accept(message(3, mine), 'c3')
    state.sending = false
    timeline.release()
    expect(shown()).toEqual([1, 2, 3, 4])
    expect(timeline.window.find('$3')?.key).toBe('c3')
  })

  it('does not hold them back for ever', async () => {
    const { timeline, say, shown, state } = setup(2)
    await timeline.load()
    state.sending = true
    say(3, mine)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(shown()).toEqual([1, 2, 3])
    timeline.accept(message(3, mine), 'c3')
    expect(shown()).toEqual([1, 2, 3])
  })

  it('shows own messages of other devices at once', async () => {
    const { timeline, say, shown } = setup(2)
    await timeline.load()
    say(3, mine)
    say(4, mine, 'of another tab')
    expect(shown()).toEqual(range(1, 4))
  })

  it('says who has read how far, but not of those who have written since', async () => {
    const { timeline, room, say } = setup(3)
    const marker = (who: string, n: number): Marker => ({ hub_user_id: who, display_name: who.toUpperCase(), event_id: `$${n}`, read_at: message(n).sent_at })
    room.markers = [marker('carl', 2), marker('dora', 3), marker('anna', 3)]
    await timeline.load()
    expect(timeline.readers('$2')).toEqual([{ hubUserId: 'carl', name: 'CARL' }])
    expect(timeline.readers('$3').map((who) => who.hubUserId)).toEqual(['dora'])
    say(4, { hub_user_id: 'dora' })
    expect(timeline.readers('$3')).toEqual([])
    expect(timeline.readers('$4')).toEqual([])
    timeline.read('carl', null, '$4', at(10))
    timeline.read('carl', null, '$3', at(9))
    expect(timeline.readers('$4')).toEqual([{ hubUserId: 'carl', name: 'CARL' }])
    expect(timeline.readers('$2')).toEqual([])
  })

  it('takes back what the service refuses, unless more has happened', async () => {
    const { timeline } = setup(3)
    await timeline.load()
    const was = timeline.window.find('$2')
    if (was === undefined) throw new Error('not there')
    timeline.change('$2', { kind: 'edit', body: 'tried', at: 5 })
    timeline.undo(was, { ...was, body: 'tried' })
    expect(timeline.window.find('$2')?.body).toBe('text 2')
    timeline.change('$2', { kind: 'edit', body: 'tried', at: 6 })
    timeline.change('$2', { kind: 'edit', body: 'elsewhere', at: 7 })
    timeline.undo(was, { ...was, body: 'tried' })
    expect(timeline.window.find('$2')?.body).toBe('elsewhere')
  })

  it('shows an error and loads when it is asked again', async () => {
    const { timeline, room, shown } = setup(3)
    room.fail = new ApiError(503, {})
    await timeline.load()
    expect([timeline.error?.status, timeline.loading, timeline.loaded]).toEqual([503, false, false])
    room.fail = null
    await timeline.load()
    expect(shown()).toEqual([1, 2, 3])
    expect(timeline.error).toBeNull()
  })

  it('waits by itself when the service asks to', async () => {
    const { timeline, room, shown } = setup(3)
    room.fail = new ApiError(429, {}, 2_000)
    const loading = timeline.load()
    await vi.advanceTimersByTimeAsync(1_000)
    room.fail = null
    await vi.advanceTimersByTimeAsync(1_000)
    await loading
    expect(shown()).toEqual([1, 2, 3])
    expect(room.asked).toHaveLength(2)
  })

  it('keeps little of a room that nobody looks at, and comes back to its end', async () => {
    const { timeline, say, shown } = setup(1000)
    await timeline.load()
    for (let count = 0; count < 4; count += 1) await timeline.loadBefore()
    timeline.close()
    expect(shown()).toEqual(range(901, 1000))
    say(1001)
    expect(shown().at(-1)).toBe(1001)
    expect(timeline.newBelow).toBe(0)
    await timeline.jumpTo('$100')
    timeline.close()
    await timeline.load()
    expect(shown().at(-1)).toBe(1001)
    expect(timeline.window.hasAfter).toBe(false)
  })
})
