// The stores together, against a service that a test plays by hand.
import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { effectScope, nextTick, ref, type EffectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useLive } from '@/live/live'
import { Stream } from '@/live/testing'
import { useSession } from '@/session/session'
import { setToken } from '@/session/token'
import { toasts } from '@/ui/toasts'
import { useCompose } from './compose'
import { useDrafts } from './drafts'
import { usePeople } from './people'
import { useRooms } from './rooms'
import { useSending } from './sending'
import { message, NOON, range } from './testing'
import { useTimeline } from './timeline'
import { useTyping } from './typing'
import type { Message } from './types'

interface Call {
  method: string
  path: string
  query: URLSearchParams
  body: Record<string, unknown>
  answer: (body: unknown, status?: number, headers?: Record<string, string>) => void
  fail: () => void
}

let streams: Stream[]
let calls: Call[]
/** Calls that wait for the test's answer instead of being answered at once. */
let slow: (call: Call) => boolean
let offline: boolean
let stored: Record<string, Message[]>
let roomsOfService: Record<string, unknown>[]
let scope: EffectScope
let eventId: number

const roomJson = (id: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  room_id: id,
  name: id.slice(1),
  room_type: 'group',
  unread_count: 0,
  message_count: stored[id]?.length ?? 0,
  tenant_id: 1,
  created_by: 'x',
  created_at: '2026-01-01T00:00:00.000Z',
  last_message: stored[id]?.at(-1) ?? null,
  last_read_event_id: stored[id]?.at(-1)?.event_id ?? null,
  ...more,
})

/** What the service answers by itself. */
function serve({ method, path, query, body }: Call): { body: unknown; status?: number; headers?: Record<string, string> } {
  const [, , , area, second = '', third = ''] = path.split('/').map(decodeURIComponent)
  if (method === 'GET' && area === 'rooms' && second === '') return { body: roomsOfService }
  if (method === 'GET' && area === 'rooms' && third === '') {
    const found = roomsOfService.find((room) => room['room_id'] === second)
    return found === undefined ? { body: {}, status: 404 } : { body: found }
  }
  if (area === 'messages' && second === 'history') {
    const all = stored[third] ?? []
    const limit = Number(query.get('limit'))
    const before = query.get('before')
    const to = before === null ? all.length : all.findIndex((one) => one.event_id === before)
    const from = Math.max(0, to - limit)
    return { body: all.slice(from, to), headers: { 'X-Has-Before': String(from > 0), 'X-Has-After': String(to < all.length) } }
  }
  if (path === '/api/v1/messages/send') {
    const roomId = String(body['room_id'])
    const again = stored[roomId]?.find((one) => one.client_id === body['client_id'])
    return { body: again ?? said(roomId, { ...mine, body: String(body['body']), client_id: String(body['client_id']) }), status: 201 }
  }
  if (area === 'messages' && method === 'PATCH') return { body: {} }
  if (method === 'GET' && (area === 'presence' || third === 'reads')) return { body: [] }
  return { body: {}, status: method === 'GET' ? 200 : 204 }
}

/** Stores a message in the service. */
function said(roomId: string, more: Partial<Message> = {}): Message {
  eventId += 1
  const made = message(eventId, { room_id: roomId, ...more })
  stored[roomId] = [...(stored[roomId] ?? []), made]
  return made
}

const mine = { hub_user_id: 'anna', sender_display_name: 'Anna' }

/** The stream tells of a message. */
function tell(made: Message, clientId: string | null = made.client_id ?? null): void {
  const whole = { ...made, client_id: clientId }
  streams.at(-1)?.tell({ type: 'new_message', id: Number(made.event_id.slice(1)), ...whole, message: whole })
}

async function settle(ms = 60): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  await flushPromises()
  await nextTick()
}

async function connect(): Promise<void> {
  await settle()
  streams.at(-1)?.tell({ type: 'connected' })
  await settle()
}

/** Opens the pages. */
function pages() {
  setActivePinia(createPinia())
  const session = useSession()
  session.me = { hub_user_id: 'anna', display_name: 'Anna', matrix_user_id: '', role: 'user', tenant_id: 1, external_client_enabled: false }
  session.state = 'in'
  const live = useLive()
  live.start()
  const rooms = useRooms()
  void rooms.load()
  return { session, live, rooms, stop: () => live.stop() }
}

/** Opens a room. */
function view(roomId: string) {
  const id = ref(roomId)
  scope = effectScope()
  const made = scope.run(() => ({ timeline: useTimeline(id), compose: useCompose(id) }))
  if (made === undefined) throw new Error('no scope')
  const shown = (): string[] => made.timeline.rows.value.map((row) => (row.kind === 'item' ? row.item.body : row.kind))
  const keys = (): string[] => made.timeline.items.value.map((item) => item.key)
  return { id, ...made, shown, keys }
}

let attentive: boolean
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers({ now: NOON })
  localStorage.clear()
  streams = []
  calls = []
  slow = () => false
  offline = false
  eventId = 0
  stored = {}
  attentive = true
  toasts.value = []
  range(1, 3).forEach(() => said('!r'))
  said('!other')
  roomsOfService = [roomJson('!other'), roomJson('!r')]
  setToken('one')
  vi.spyOn(document, 'hasFocus').mockImplementation(() => attentive)
  vi.stubGlobal('fetch', async (input: string | Request, init?: RequestInit) => {
    const url = new URL(typeof input === 'string' ? input : input.url, location.origin)
    if (offline) throw new TypeError('offline')
    if (url.pathname.endsWith('/stream')) {
      const stream = new Stream(init?.signal)
      streams.push(stream)
      return stream.response
    }
    const method = typeof input === 'string' ? 'GET' : input.method
    const text = typeof input === 'string' ? '' : await input.text()
    return await new Promise<Response>((resolve, reject) => {
      const call: Call = {
        method,
        path: url.pathname,
        query: url.searchParams,
        body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
        answer: (body, status = 200, headers = {}) => resolve(new Response(status === 204 ? null : JSON.stringify(body), { status, headers })),
        fail: () => reject(new TypeError('broken')),
      }
      calls.push(call)
      if (slow(call)) return
      const { body, status, headers } = serve(call)
      call.answer(body, status, headers)
    })
  })
  const open = pages()
  stop = open.stop
})

afterEach(() => {
  stop()
  scope?.stop()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const posts = (path: string): Call[] => calls.filter((call) => call.method === 'POST' && call.path === path)
const SEND = '/api/v1/messages/send'

describe('sending', () => {
  it('asks only for the place that a link leads to', async () => {
    await connect()
    const { timeline } = view('!r')
    void timeline.jumpTo('$2')
    await settle()
    const asked = calls.filter((call) => call.path.includes('history')).map((call) => call.query.get('around'))
    expect(asked).toEqual(['$2'])
    expect(timeline.loading.value).toBe(false)
  })

  it('shows at once what is written, and keeps its key when it is sent', async () => {
    await connect()
    const { timeline, compose, shown, keys } = view('!r')
    await settle()
    slow = (call) => call.path === SEND
    compose.draft.value = '  hello  '
    compose.send()
    expect(shown()).toEqual(['day', 'text 1', 'text 2', 'text 3', 'hello'])
    expect(timeline.items.value.at(-1)).toMatchObject({ state: 'sending', eventId: null, mine: true, senderName: 'Anna' })
    expect(compose.draft.value).toBe('')
    const key = keys().at(-1)
    await settle()
    const made = said('!r', { ...mine, body: 'hello' })
    posts(SEND)[0]?.answer(made, 201)
    await settle()
    expect(keys().at(-1)).toBe(key)
    expect(timeline.items.value.at(-1)).toMatchObject({ state: 'sent', eventId: made.event_id })
    tell(made, String(posts(SEND)[0]?.body['client_id']))
    await settle()
    expect(shown()).toEqual(['day', 'text 1', 'text 2', 'text 3', 'hello'])
    expect(keys().at(-1)).toBe(key)
  })

  it('doubles and loses nothing when the stream tells of it before the answer, or the answer never comes', async () => {
    await connect()
    const { compose, shown, keys } = view('!r')
    await settle()
    slow = (call) => call.path === SEND
    compose.draft.value = 'one'
    compose.send()
    await settle()
    const key = keys().at(-1)
    const clientId = String(posts(SEND)[0]?.body['client_id'])
    tell(said('!r', { ...mine, body: 'one', client_id: clientId }))
    await settle()
    expect(shown().slice(-2)).toEqual(['text 3', 'one'])
    expect(keys().at(-1)).toBe(key)
    posts(SEND)[0]?.fail()
    await settle(60_000)
    expect(posts(SEND)).toHaveLength(1)
    expect(shown().slice(-2)).toEqual(['text 3', 'one'])
  })

  it('is one message when the connection breaks in the middle and it is sent again', async () => {
    await connect()
    const { compose, shown, timeline } = view('!r')
    await settle()
    slow = (call) => call.path === SEND
    compose.draft.value = 'one'
    compose.send()
    await settle()
    const first = posts(SEND)[0]
    // The service has it, but neither the answer nor the stream gets through.
    const made = said('!r', { ...mine, body: 'one', client_id: String(first?.body['client_id']) })
    offline = true
    first?.fail()
    streams.at(-1)?.fail()
    await settle(5_000)
    expect(timeline.items.value.at(-1)).toMatchObject({ body: 'one', eventId: null })
    offline = false
    slow = () => false
    dispatchEvent(new Event('online'))
    await connect()
    tell(made)
    await settle(2_000)
    expect(shown()).toEqual(['day', 'text 1', 'text 2', 'text 3', 'one'])
    expect(new Set(posts(SEND).map((call) => call.body['client_id'])).size).toBe(1)
    expect(stored['!r']).toHaveLength(4)
  })

  it('goes on after a reload in the middle, and sends it once', async () => {
    await connect()
    const before = view('!r')
    await settle()
    slow = (call) => call.path === SEND
    before.compose.draft.value = 'one'
    before.compose.send()
    await settle()
    const clientId = String(posts(SEND)[0]?.body['client_id'])
    said('!r', { ...mine, body: 'one', client_id: clientId })
    scope.stop()
    stop()
    slow = () => false
    const { stop: again } = pages()
    stop = again
    await connect()
    const after = view('!r')
    await settle(100)
    expect(posts(SEND).map((call) => call.body['client_id'])).toEqual([clientId, clientId])
    expect(after.shown()).toEqual(['day', 'text 1', 'text 2', 'text 3', 'one'])
    expect(stored['!r']).toHaveLength(4)
    expect(Object.keys(localStorage).filter((key) => key.startsWith('messenger.outbox'))).toEqual([])
  })

  it('waits for a fresh token and keeps the draft', async () => {
    await connect()
    const { compose, timeline } = view('!r')
    await settle()
    const session = useSession()
    slow = (call) => call.path === SEND
    compose.draft.value = 'one'
    compose.send()
    await settle()
    posts(SEND)[0]?.answer({ error: 'unauthenticated' }, 401)
    session.state = 'expired'
    await settle(60_000)
    expect(timeline.items.value.at(-1)).toMatchObject({ body: 'one', state: 'waiting' })
    compose.draft.value = 'two'
    slow = () => false
    setToken('two')
    session.state = 'in'
    await settle(500)
    expect(timeline.items.value.at(-1)).toMatchObject({ body: 'one', state: 'sent' })
    expect(compose.draft.value).toBe('two')
  })

  it('says why something could not be sent, and sends it when that is asked for', async () => {
    await connect()
    const { compose, timeline } = view('!r')
    await settle()
    slow = (call) => call.path === SEND
    compose.draft.value = 'one'
    compose.send()
    await settle()
    posts(SEND)[0]?.answer({ error: 'forbidden' }, 403)
    await settle()
    const failed = timeline.items.value.at(-1)
    expect(failed?.state).toBe('failed')
    expect(failed?.error?.status).toBe(403)
    slow = () => false
    if (failed !== undefined) compose.retry(failed)
    await settle()
    expect(timeline.items.value.at(-1)?.state).toBe('sent')
  })

  it('sends the people it speaks to, as long as they stand in the text, and what it answers', async () => {
    await connect()
    const { compose } = view('!r')
    await settle()
    compose.draft.value = 'hi @Ben'
    compose.mention({ hubUserId: 'ben', name: 'Ben' })
    compose.mention({ hubUserId: 'carl', name: 'Carl' })
    compose.replyTo.value = '$2'
    compose.send()
    await settle()
    expect(posts(SEND)[0]?.body).toMatchObject({ body: 'hi @Ben', mentions: ['ben'], reply_to: '$2' })
    expect([compose.replyTo.value, compose.mentions.value]).toEqual([null, []])
  })

  it('does not send nothing, nor too much', async () => {
    await connect()
    const { compose } = view('!r')
    compose.draft.value = ' \n '
    compose.send()
    compose.draft.value = '👍'.repeat(16_001)
    expect(compose.tooMany.value).toBe(1)
    compose.send()
    await settle()
    expect(posts(SEND)).toEqual([])
    expect(compose.draft.value).toHaveLength(32_002)
  })
})

describe('changing', () => {
  it('changes, deletes and reacts at once, and takes it back in words when it is refused', async () => {
    await connect()
    const { compose, timeline } = view('!r')
    tell(said('!r', { ...mine, body: 'one' }))
    await settle()
    compose.draft.value = 'unsent'
    slow = (call) => call.method === 'PATCH' || call.path.includes('reactions')
    expect(compose.editLast()).toBe(true)
    expect(compose.draft.value).toBe('one')
    compose.draft.value = 'two'
    compose.send()
    expect(timeline.items.value.at(-1)).toMatchObject({ body: 'two', edited: true })
    expect([compose.editing.value, compose.draft.value]).toEqual([null, 'unsent'])
    await settle()
    calls.at(-1)?.answer({}, 403)
    await settle()
    expect(timeline.items.value.at(-1)).toMatchObject({ body: 'one', edited: false })
    expect(compose.draft.value).toBe('two')
    expect(toasts.value).toHaveLength(1)
    compose.stopEditing()
    const item = timeline.items.value.at(-1)
    if (item === undefined) throw new Error('nothing')
    void compose.react(item, '👍')
    expect(timeline.items.value.at(-1)?.reactions).toMatchObject([{ emoji: '👍', count: 1 }])
    await settle()
    calls.at(-1)?.answer({}, 201)
    await settle()
    const reacted = timeline.items.value.at(-1)
    if (reacted !== undefined) void compose.react(reacted, '👍')
    await settle()
    expect(calls.at(-1)).toMatchObject({ method: 'DELETE' })
    expect(timeline.items.value.at(-1)?.reactions).toEqual([])
  })
})

describe('drafts', () => {
  it('are kept for each room, over a reload', async () => {
    await connect()
    const { compose, id } = view('!r')
    compose.draft.value = 'for r'
    id.value = '!other'
    await nextTick()
    expect(compose.draft.value).toBe('')
    compose.draft.value = 'for other'
    await settle(400)
    setActivePinia(createPinia())
    useSession().me = { hub_user_id: 'anna' } as never
    expect([useDrafts().of('!r').text, useDrafts().of('!other').text]).toEqual(['for r', 'for other'])
    setActivePinia(createPinia())
    useSession().me = { hub_user_id: 'ben' } as never
    expect(useDrafts().of('!r').text).toBe('')
  })
})

describe('rooms', () => {
  it('move and count by what the stream tells, without being loaded again', async () => {
    await connect()
    const rooms = useRooms()
    expect(rooms.list.map((room) => room.room_id)).toEqual(['!other', '!r'])
    const before = calls.length
    tell(said('!r'))
    await settle()
    expect(rooms.list.map((room) => [room.room_id, room.unread_count])).toEqual([['!r', 1], ['!other', 0]])
    expect(rooms.unreadTotal).toBe(1)
    expect(calls).toHaveLength(before)
  })

  it('fetch one that is unknown once', async () => {
    await connect()
    roomsOfService.push(roomJson('!new'))
    const first = said('!new')
    roomsOfService[2] = roomJson('!new', { unread_count: 1 })
    tell(first)
    tell(said('!new'))
    await settle(400)
    expect(calls.filter((call) => call.path === '/api/v1/rooms/!new')).toHaveLength(1)
    expect(useRooms().byId('!new')).toMatchObject({ unread_count: 2 })
  })

  it('forget a room that one was taken out of', async () => {
    await connect()
    streams.at(-1)?.tell({ type: 'membership', id: 50, room_id: '!other', hub_user_id: 'anna', membership: 'leave' })
    await settle()
    expect(useRooms().list.map((room) => room.room_id)).toEqual(['!r'])
  })

  it('miss nothing that is said while they are loaded', async () => {
    await connect()
    const rooms = useRooms()
    slow = (call) => call.path === '/api/v1/rooms'
    void rooms.load()
    await settle()
    const old = structuredClone(roomsOfService)
    tell(said('!r'))
    await settle()
    calls.at(-1)?.answer(old)
    await settle()
    expect(rooms.byId('!r')?.unread_count).toBe(1)
  })

  it('keep what happened while a list was on its way that does not know of it', async () => {
    await connect()
    slow = ({ method, path }) => method === 'GET' && path === '/api/v1/rooms'
    streams.at(-1)?.tell({ type: 'gap' })
    await settle()
    streams.at(-1)?.tell({ type: 'room_changed', id: 101, room_id: '!r', name: 'anew' })
    streams.at(-1)?.tell({ type: 'membership', id: 102, room_id: '!other', hub_user_id: 'anna', membership: 'leave' })
    await settle()
    calls.findLast(({ path }) => path === '/api/v1/rooms')?.answer([roomJson('!other'), roomJson('!r')])
    await settle()
    expect(useRooms().list.map((room) => room.name)).toEqual(['anew'])
  })

  it('are read where one looks, at once, and the service is told', async () => {
    await connect()
    const { timeline } = view('!r')
    await settle()
    timeline.setAtEnd(true)
    await settle(1000)
    const counts: number[] = []
    tell(said('!r'))
    for (let ms = 0; ms < 1000; ms += 20) {
      await settle(20)
      counts.push(useRooms().byId('!r')?.unread_count ?? -1)
    }
    expect(new Set(counts)).toEqual(new Set([0]))
    await settle(6000)
    const read = calls.filter((call) => call.path.endsWith('/read'))
    expect(read.at(-1)?.body).toEqual({ event_id: '$5' })
  })

  it('are not read while nobody is there, or while one reads further up', async () => {
    await connect()
    const { timeline } = view('!r')
    await settle()
    timeline.setAtEnd(true)
    await settle(6000)
    const before = calls.length
    attentive = false
    tell(said('!r'))
    await settle(6000)
    expect(useRooms().byId('!r')?.unread_count).toBe(1)
    expect(calls).toHaveLength(before)
    attentive = true
    dispatchEvent(new Event('focus'))
    await settle(6000)
    expect(useRooms().byId('!r')?.unread_count).toBe(0)
    timeline.setAtEnd(false)
    tell(said('!r'))
    await settle(6000)
    expect(useRooms().byId('!r')?.unread_count).toBe(1)
  })

  it('follow what is read on another device', async () => {
    roomsOfService[0] = roomJson('!other', { unread_count: 1, last_read_event_id: null })
    await connect()
    expect(useRooms().unreadTotal).toBe(1)
    streams.at(-1)?.tell({ type: 'read', id: 60, room_id: '!other', event_id: '$4', hub_user_id: 'anna', read_at: '2026-03-02T12:01:00Z' })
    await settle()
    expect(useRooms().unreadTotal).toBe(0)
  })

  it('are loaded anew after a gap, with the room that is open', async () => {
    await connect()
    const { shown } = view('!r')
    await settle()
    said('!r')
    roomsOfService[1] = roomJson('!r', { unread_count: 1 })
    streams.at(-1)?.tell({ type: 'gap' })
    await settle(200)
    expect(shown()).toEqual(['day', 'text 1', 'text 2', 'text 3', 'text 5'])
    expect(useRooms().byId('!r')?.unread_count).toBe(1)
  })

  it('are searched by name', async () => {
    await connect()
    expect(useRooms().filtered('OTH').map((room) => room.room_id)).toEqual(['!other'])
  })
})

describe('the divider', () => {
  it('stands where one had stopped reading, as long as the room is open', async () => {
    roomsOfService[1] = roomJson('!r', { unread_count: 2, last_read_event_id: '$1' })
    await connect()
    const { timeline, shown, id } = view('!r')
    await settle()
    expect(shown()).toEqual(['day', 'text 1', 'unread', 'text 2', 'text 3'])
    timeline.setAtEnd(true)
    await settle(6000)
    expect(useRooms().byId('!r')?.unread_count).toBe(0)
    tell(said('!r'))
    await settle()
    expect(shown()).toEqual(['day', 'text 1', 'unread', 'text 2', 'text 3', 'text 5'])
    id.value = '!other'
    await settle()
    id.value = '!r'
    await settle()
    expect(shown()).toEqual(['day', 'text 1', 'text 2', 'text 3', 'text 5'])
  })
})

describe('people', () => {
  it('are here or not, and type', async () => {
    await connect()
    const [people, typing] = [usePeople(), useTyping()]
    const tellAll = (...events: { type: string; [field: string]: unknown }[]): void => streams.at(-1)?.tell(...events)
    tellAll({ type: 'presence', hub_user_id: 'ben', status: 'away', presence: 'unavailable', last_seen: '' })
    tellAll({ type: 'typing', room_id: '!r', users: [{ hub_user_id: 'ben', display_name: 'Ben' }, { hub_user_id: 'anna', display_name: 'Anna' }] })
    await settle()
    expect(people.presenceOf('ben')).toBe('unavailable')
    expect(typing.typingIn('!r')).toEqual([{ hubUserId: 'ben', name: 'Ben' }])
    tell(said('!r'))
    await settle()
    expect(typing.typingIn('!r')).toEqual([])
    expect(people.nameOf('ben')).toBe('Ben')
    tellAll({ type: 'typing', room_id: '!r', users: [{ hub_user_id: 'ben', display_name: 'Ben' }] })
    await settle(31_000)
    expect(typing.typingIn('!r')).toEqual([])
    tellAll({ type: 'typing', room_id: '!r', users: [{ hub_user_id: 'ben', display_name: 'Ben' }] })
    await settle()
    offline = true
    streams.at(-1)?.fail()
    await settle(3_000)
    expect(typing.typingIn('!r')).toEqual([])
  })
})

it('keeps a tab’s outbox from the others as long as that tab lives', async () => {
  const tab = 'another'
  localStorage.setItem(`messenger.outbox.anna.${tab}`, JSON.stringify([{ clientId: 'c', roomId: '!r', body: 'x', replyTo: null, mentions: [], at: NOON, state: 'sending', tries: 1 }]))
  let held = [{ name: `messenger.tab.${tab}` }]
  Object.defineProperty(navigator, 'locks', { configurable: true, value: { request: () => new Promise(() => undefined), query: () => Promise.resolve({ held }) } })
  stop()
  stop = pages().stop
  useSending()
  await settle(200)
  expect(posts(SEND)).toEqual([])
  held = []
  stop()
  stop = pages().stop
  useSending()
  await settle(200)
  expect(posts(SEND).map((call) => call.body['client_id'])).toEqual(['c'])
  Reflect.deleteProperty(navigator, 'locks')
})

it('takes up the outbox of a tab that goes later, such as the page before a reload', async () => {
  const tab = 'leaving'
  localStorage.setItem(`messenger.outbox.anna.${tab}`, JSON.stringify([{ clientId: 'c', roomId: '!r', body: 'x', replyTo: null, mentions: [], at: NOON, state: 'sending', tries: 1 }]))
  const lock = `messenger.tab.${tab}`
  let gone = (): void => undefined
  const request = (name: string, deed: () => void): Promise<unknown> => {
    if (name === lock) gone = deed
    return new Promise(() => undefined)
  }
  Object.defineProperty(navigator, 'locks', { configurable: true, value: { request, query: () => Promise.resolve({ held: [{ name: lock }] }) } })
  stop()
  stop = pages().stop
  useSending()
  await settle(200)
  expect(posts(SEND)).toEqual([])
  gone()
  await settle(200)
  expect(posts(SEND).map((call) => call.body['client_id'])).toEqual(['c'])
  Reflect.deleteProperty(navigator, 'locks')
})
