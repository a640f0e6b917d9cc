import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { define, type HubMessengerWidget } from './element'
import type { Unread, WidgetNotification } from './state'

const SERVICE = 'https://messenger.example'

/** The streams that were opened, the newest last. */
let streams: FakeStream[]
class FakeStream {
  onmessage: ((event: MessageEvent<string>) => void) | null = null
  onerror: (() => void) | null = null
  closed = false
  readonly url: string

  constructor(url: string) {
    this.url = url
    streams.push(this)
  }

  close(): void {
    this.closed = true
  }

  tell(event: Record<string, unknown>, id = ''): void {
    this.onmessage?.({ data: JSON.stringify(event), lastEventId: id } as MessageEvent<string>)
  }
}

let asked: { path: string; token: string }[]
let good: Set<string>
let rooms: Record<string, unknown>[]
let polled: Record<string, unknown>[]
let widget: HubMessengerWidget

const flush = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
const stream = (): FakeStream => {
  const last = streams.at(-1)
  if (last === undefined) throw new Error('no stream')
  return last
}
const shown = (selector: string): HTMLElement => {
  const found = widget.shadowRoot?.querySelector<HTMLElement>(selector)
  if (!found) throw new Error(`no ${selector}`)
  return found
}
const notice = {
  type: 'notification',
  event_id: '$1',
  room_id: '!a:hub.local',
  sent_at: '2026-01-31T12:00:00.000Z',
  notification_id: 1,
  source_app: 'lager',
  event_type: 'x',
  title: '<img src=x onerror=alert(1)>',
  body: 'Body',
  priority: 'urgent',
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 31, 13) })
  localStorage.clear()
  streams = []
  asked = []
  good = new Set(['good'])
  polled = []
  rooms = [{ room_id: '!a:hub.local', name: 'Halle 3', room_type: 'general', unread_count: 2, last_message: null }]
  vi.stubGlobal('EventSource', FakeStream)
  vi.stubGlobal(
    'fetch',
    vi.fn((url: string, init: RequestInit) => {
      const path = url.slice(SERVICE.length + '/api/v1'.length)
      const token = new Headers(init.headers).get('Authorization')?.slice(7) ?? ''
      asked.push({ path, token })
      if (!good.has(token)) return Promise.resolve(Response.json({}, { status: 401 }))
      if (path === '/events/ticket') return Promise.resolve(Response.json({ ticket: 'a ticket' }))
      if (path === '/users/me') return Promise.resolve(Response.json({ hub_user_id: 'max' }))
      if (path.startsWith('/rooms')) return Promise.resolve(Response.json(rooms))
      if (path.startsWith('/events/poll')) return Promise.resolve(Response.json(polled.splice(0)))
      return Promise.resolve(Response.json([]))
    }),
  )
  define()
  widget = document.createElement('hub-messenger-widget')
  widget.setAttribute('service', `${SERVICE}/`)
  widget.setAttribute('language', 'en')
})

afterEach(() => {
  widget.remove()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function live(): Promise<void> {
  localStorage.setItem('hub_token', 'good')
  document.body.append(widget)
  await flush()
  stream().tell({ type: 'connected' })
  await flush()
}

describe('the widget', () => {
  it('opens a stream by a ticket, and shows how much is unread', async () => {
    const heard: Unread[] = []
    widget.addEventListener('messenger-unread', (event) => heard.push((event as CustomEvent<Unread>).detail))
    await live()
    expect(stream().url).toBe(`${SERVICE}/api/v1/events/stream?v=2&token=a%20ticket`)
    expect(shown('.badge').textContent).toBe('2')
    expect(shown('.opener').getAttribute('aria-label')).toBe('Messenger: 2 unread messages')
    expect(heard).toEqual([{ unread: 2, urgent: false }])
  })

  it('tells of a notification once, as text, and marks an urgent one', async () => {
    const heard: WidgetNotification[] = []
    widget.addEventListener('messenger-notification', (event) => heard.push((event as CustomEvent<WidgetNotification>).detail))
    await live()
    stream().tell(notice, '7')
    stream().tell(notice, '7')
    expect(heard).toHaveLength(1)
    expect(shown('.badge').classList.contains('urgent')).toBe(true)
    expect(shown('[role=alert]').textContent).toBe('Urgent: <img src=x onerror=alert(1)>')
    shown('.opener').click()
    const link = shown('li a[href*="%241"]')
    expect(link.getAttribute('href')).toBe(`${SERVICE}/rooms/!a%3Ahub.local/%241`)
    expect(link.querySelector('img')).toBeNull()
    expect(link.querySelector('.name')?.textContent).toBe(notice.title)
  })

  it('opens and closes by the keyboard, and gives the focus back', async () => {
    await live()
    shown('.opener').click()
    expect(shown('.panel').hidden).toBe(false)
    expect(shown('.opener').getAttribute('aria-expanded')).toBe('true')
    expect(widget.shadowRoot?.activeElement?.id).toBe('title')
    shown('.panel').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    expect(shown('.panel').hidden).toBe(true)
    expect(widget.shadowRoot?.activeElement).toBe(shown('.opener'))
  })

  it('resumes where it was when the stream breaks', async () => {
    await live()
    stream().tell({ type: 'read', room_id: '!a:hub.local', event_id: '$0', hub_user_id: 'erika' }, '41')
    stream().onerror?.()
    await flush(2000)
    expect(streams).toHaveLength(2)
    expect(streams[0]?.closed).toBe(true)
    expect(stream().url).toContain('&since=41')
  })

  it('polls where streams do not come through', async () => {
    localStorage.setItem('hub_token', 'good')
    document.body.append(widget)
    for (let tries = 0; tries < 2; tries += 1) {
      await flush(3000)
      stream().onerror?.()
    }
    await flush(5000)
    expect(streams).toHaveLength(2)
    expect(shown('.badge').textContent).toBe('2')
    polled = [{ ...notice, id: 9 }]
    await flush(1500)
    expect(shown('.badge').textContent).toBe('!\u202f3')
    await flush(1500)
    expect(asked.at(-1)?.path).toContain('since=9')
  })

  it('asks for a token when there is none or when it has ended, and goes on with a fresh one', async () => {
    const needed = vi.fn()
    widget.addEventListener('messenger-token-needed', needed)
    document.body.append(widget)
    await flush()
    expect(needed).toHaveBeenCalledOnce()
    expect(asked).toEqual([])

    let token = 'ended'
    widget.tokenProvider = () => Promise.resolve(token)
    await flush()
    expect(asked.map((call) => call.token)).toEqual(['ended'])
    await flush(30_000)
    expect(asked).toHaveLength(1)

    token = 'good'
    widget.refresh()
    await flush()
    stream().tell({ type: 'connected' })
    await flush()
    expect(shown('.badge').textContent).toBe('2')
  })

  it('leaves nothing behind when it is taken out of the page', async () => {
    await live()
    const before = asked.length
    widget.remove()
    await flush(120_000)
    expect(stream().closed).toBe(true)
    expect(asked).toHaveLength(before)
  })
})
