import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useLive, type LiveEvent, type Listener } from '@/live/live'
import { useSession } from '@/session/session'
import { toasts } from '@/ui/toasts'
import { roomOf } from './calls'
import { chooseNotify, useNotify } from './notify'
import { useRooms } from './rooms'
import { message } from './testing'
import { useTimelines } from './timelines'
import type { Message, RoomKind } from './types'

const shown: { title: string; options: NotificationOptions }[] = []
class FakeNotification {
  static permission = 'granted'
  readonly title: string
  constructor(title: string, options: NotificationOptions) {
    this.title = title
    shown.push({ title, options })
  }
}

const urgent = { id: 1, event_type: 'x', priority: 'urgent' as const, source_app: 'lager', title: 'Alarm', body: 'jetzt' }
const json = {
  room_id: '!r',
  name: 'Halle',
  room_type: 'group' as RoomKind,
  unread_count: 0,
  urgent_unread: false,
  can_write: true,
  can_manage: false,
  message_count: 0,
  tenant_id: 1,
  created_by: 'x',
  created_at: '2026-01-01T00:00:00Z',
}
let attentive: boolean
let heard: Listener[]
let elsewhere: boolean

/** The stream tells of a message that was sent just now. */
function tell(...messages: Partial<Message>[]): void {
  const events = messages.map((more, index) => {
    const made = message(Math.floor(Math.random() * 1e9) + index, { ...more, sent_at: new Date().toISOString() })
    return { type: made.notification == null ? 'new_message' : 'notification', ...made, message: made }
  })
  for (const listener of heard) listener(events as unknown as LiveEvent[])
}

/** The chat of Anna; with its room unless it is not `known` yet. */
function pages(kind: RoomKind = 'group', known = true) {
  setActivePinia(createPinia())
  const session = useSession()
  session.me = { hub_user_id: 'anna', display_name: 'Anna', matrix_user_id: '', role: 'user', tenant_id: 1, external_client_enabled: false }
  const live = useLive()
  heard = []
  live.on = (listener) => {
    heard.push(listener)
    return () => undefined
  }
  live.leads = true
  live.anyFocused = () => elsewhere || attentive
  const rooms = useRooms()
  const room = roomOf({ ...json, room_type: kind })
  if (known) rooms.byId = () => room
  useNotify().start()
  return { live, rooms }
}

describe('useNotify', () => {
  beforeEach(() => {
    localStorage.clear()
    shown.length = 0
    toasts.value = []
    attentive = true
    elsewhere = false
    chooseNotify({ desktop: true, sound: false, mentionsOnly: false })
    FakeNotification.permission = 'granted'
    vi.stubGlobal('Notification', FakeNotification)
    vi.spyOn(document, 'hasFocus').mockImplementation(() => attentive)
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  it('tells somebody who is there of what is for them, and of nothing else', () => {
    pages()
    tell({ body: 'to nobody' })
    expect(toasts.value).toEqual([])
    tell({ body: 'to anna', mentions: ['anna'] })
    tell({ notification: urgent })
    expect(toasts.value.map((toast) => [toast.text, toast.kind])).toEqual([
      ['to anna', 'info'],
      ['jetzt', 'urgent'],
    ])
    expect(shown).toEqual([])
  })

  it('is quiet about the room that is open', () => {
    pages('dm')
    useTimelines().openRooms.add('!r')
    tell({})
    expect(toasts.value).toEqual([])
    useTimelines().openRooms.delete('!r')
    tell({})
    expect(toasts.value).toHaveLength(1)
  })

  it('tells of the first message of a conversation once the room is known', async () => {
    const { rooms } = pages('dm', false)
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ ...json, room_type: 'dm', name: 'Ben' })))
    tell({ body: 'hallo' }, { body: 'from elsewhere', room_id: '!other' })
    await nextTick()
    expect(toasts.value).toEqual([])
    await rooms.open('!r')
    await nextTick()
    expect(toasts.value.map((toast) => toast.text)).toEqual(['hallo'])
    // Only once, and the other one waits on.
    await rooms.open('!other')
    await nextTick()
    expect(toasts.value).toHaveLength(1)
  })

  it('does not tell late of what waited too long for its room, nor of a room that was opened meanwhile', async () => {
    const { rooms } = pages('dm', false)
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ ...json, room_type: 'dm', name: 'Ben' })))
    vi.useFakeTimers({ toFake: ['Date'] })
    tell({ body: 'hallo' })
    vi.setSystemTime(Date.now() + 3 * 60_000)
    tell({ body: 'again' })
    useTimelines().openRooms.add('!r')
    await rooms.open('!r')
    await nextTick()
    expect(toasts.value).toEqual([])
    useTimelines().openRooms.delete('!r')
    tell({ body: 'third' })
    expect(toasts.value.map((toast) => toast.text)).toEqual(['third'])
    vi.useRealTimers()
  })

  it('uses the browser’s notifications when nobody is there, in one tab only', () => {
    const { live } = pages()
    attentive = false
    tell({ body: 'x' })
    expect(shown).toMatchObject([{ title: 'Ben · Halle', options: { body: 'x', silent: true } }])
    expect(toasts.value).toEqual([])
    live.leads = false
    tell({ body: 'y' })
    live.leads = true
    elsewhere = true
    tell({ body: 'z' })
    expect(shown).toHaveLength(1)
  })

  it('keeps to what was chosen and allowed', () => {
    pages()
    attentive = false
    chooseNotify({ mentionsOnly: true, sound: true })
    tell({ body: 'x' })
    expect(shown).toEqual([])
    tell({ body: 'y', mentions: ['anna'] })
    expect(shown).toMatchObject([{ options: { body: 'y', silent: false } }])
    FakeNotification.permission = 'denied'
    tell({ mentions: ['anna'] })
    FakeNotification.permission = 'granted'
    chooseNotify({ desktop: false })
    tell({ mentions: ['anna'] })
    expect(shown).toHaveLength(1)
    expect(JSON.parse(localStorage.getItem('messenger.notify') ?? '')).toEqual({ desktop: false, sound: true, mentionsOnly: true })
  })

  it('tells many at once as one, but each urgent one', () => {
    pages('dm')
    const many = Array.from({ length: 9 }, () => ({}))
    tell(...many, { notification: urgent })
    expect(toasts.value.map((toast) => toast.kind).sort()).toEqual(['info', 'urgent'])
    attentive = false
    tell(...many, { notification: urgent })
    expect(shown).toHaveLength(1)
    expect(shown[0]?.options.requireInteraction).toBe(true)
  })

  it('counts in the title', async () => {
    const { rooms } = pages()
    await nextTick()
    expect(document.title).not.toContain('(')
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify({ ...json, unread_count: 3, urgent_unread: true }))))
    await rooms.open('!r')
    await nextTick()
    expect(document.title).toMatch(/^\(3!\) /u)
    useNotify().stop()
    await nextTick()
    expect(document.title).not.toContain('(')
  })
})
