import type { Event } from '@/api/schema'
import { make, sign } from './dom'
import { Link, type LinkStatus } from './link'
import { style } from './look'
import { WidgetState, type Unread, type UnreadRoom, type WidgetNotification } from './state'
import { fill, languageOf, wordsOf, type Words } from './words'

/** Answers the hub token of whoever is signed in, or `null`. It is asked again when a token has ended. */
export type TokenProvider = () => string | null | Promise<string | null>

const NAME = 'hub-messenger-widget'
const TOKEN_KEY = 'hub_token'
/** More than this is shown as `99+`. */
const MOST = 99
const ROOMS_SHOWN = 10
const LONGEST_TEXT = 300

/**
 * `<hub-messenger-widget>`: unread counts and the newest notifications of the messenger within another application.
 *
 * Attributes: `service` (address of the messenger; the page's own if not said), `token` or `token-key` (key in
 * `localStorage`, `hub_token` if not said), `language` (`de`, `en`; the document's if not said), `theme` (`light`, `dark`;
 * the system's if not said), `floating` (fixed at the window's edge), `align="left"` (where the panel opens), `full` (only the
 * panel, filling what is around it). Property: `tokenProvider`. Events: `messenger-notification`
 * (`detail`: `WidgetNotification`), `messenger-unread` (`detail`: `Unread`), and `messenger-token-needed`.
 */
export class HubMessengerWidget extends HTMLElement {
  static readonly observedAttributes = ['service', 'token', 'token-key', 'language', 'theme', 'full']

  #provider: TokenProvider | null = null
  #link: Link | null = null
  #status: LinkStatus = 'loading'
  #open = false
  #told: Unread | null = null
  readonly #state = new WidgetState()

  readonly #badge = make('span', { class: 'badge', 'aria-hidden': 'true', hidden: true })
  readonly #opener = make('button', { type: 'button', class: 'opener', 'aria-haspopup': 'dialog' }, sign(), this.#badge)
  readonly #title = make('h2', { id: 'title', role: 'heading', tabindex: '-1' })
  readonly #messenger = make('a', { target: '_blank', rel: 'noopener', referrerpolicy: 'no-referrer' })
  readonly #close = make('button', { type: 'button' }, '×')
  readonly #body = make('div', { class: 'body' })
  readonly #panel = make(
    'section',
    { class: 'panel', id: 'panel', 'aria-labelledby': 'title' },
    make('header', {}, this.#title, this.#messenger, this.#close),
    this.#body,
  )
  readonly #live = make('div', { class: 'unseen', role: 'status' })
  readonly #alert = make('div', { class: 'unseen', role: 'alert' })
  readonly #widget = make('div', { class: 'widget' }, this.#opener, this.#panel, this.#live, this.#alert)
  readonly #dark = matchMedia('(prefers-color-scheme: dark)')

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = [style()]
    root.append(this.#widget)
    this.#opener.addEventListener('click', () => {
      this.#toggle(!this.#open)
    })
    this.#close.addEventListener('click', () => {
      this.#toggle(false)
    })
    this.#widget.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#open) return
      // It is the panel that closes, and not a dialog around it.
      event.stopPropagation()
      this.#toggle(false)
    })
  }

  /** Where tokens come from, in place of the attributes. */
  get tokenProvider(): TokenProvider | null {
    return this.#provider
  }

  set tokenProvider(provider: TokenProvider | null) {
    this.#provider = provider
    this.refresh()
  }

  /** Says that there may be another token now. */
  refresh(): void {
    this.#link?.wake()
  }

  /** How much is unread now. */
  get unread(): Unread {
    return this.#state.total
  }

  connectedCallback(): void {
    addEventListener('storage', this.#stored)
    addEventListener('online', this.#online)
    document.addEventListener('pointerdown', this.#elsewhere)
    this.#dark.addEventListener('change', this.#render)
    this.#start()
    this.#render()
  }

  disconnectedCallback(): void {
    removeEventListener('storage', this.#stored)
    removeEventListener('online', this.#online)
    document.removeEventListener('pointerdown', this.#elsewhere)
    this.#dark.removeEventListener('change', this.#render)
    this.#link?.stop()
    this.#link = null
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected) return
    if (name === 'service') this.#start()
    else if (name.startsWith('token')) this.refresh()
    this.#render()
  }

  #start(): void {
    this.#link?.stop()
    this.#state.clear()
    this.#status = 'loading'
    this.#link = new Link({
      service: this.#service,
      token: () => this.#token(),
      onStatus: (status) => {
        this.#turn(status)
      },
      onLoaded: (me, rooms, messages) => {
        this.#state.load(me, rooms, messages)
        this.#status = 'live'
        this.#render()
      },
      onEvent: (event) => this.#take(event),
    })
  }

  #turn(status: LinkStatus): void {
    if (status === this.#status) return
    this.#status = status
    if (status === 'out' || status === 'forbidden') this.#state.clear()
    if (status === 'out') this.#tell('messenger-token-needed', null)
    this.#render()
  }

  #take(event: Event): boolean {
    const { changed, reload, arrived } = this.#state.apply(event)
    if (arrived !== null) {
      this.#tell('messenger-notification', arrived)
      if (arrived.priority === 'urgent') this.#alert.textContent = fill(this.#words.urgentArrived, { title: short(arrived.title) })
    }
    if (changed) this.#render()
    return reload
  }

  async #token(): Promise<string | null> {
    if (this.#provider !== null) return await this.#provider()
    const given = this.getAttribute('token')
    if (given !== null) return given
    try {
      return localStorage.getItem(this.getAttribute('token-key') ?? TOKEN_KEY)
    } catch {
      return null
    }
  }

  get #service(): string {
    return new URL(this.getAttribute('service') || '/', location.href).href.replace(/\/+$/, '')
  }

  get #language(): 'de' | 'en' {
    return languageOf(this.getAttribute('language') ?? (document.documentElement.lang || navigator.language))
  }

  get #words(): Words {
    return wordsOf(this.#language)
  }

  readonly #online = (): void => {
    this.refresh()
  }

  readonly #stored = (event: StorageEvent): void => {
    if (event.key === null || event.key === (this.getAttribute('token-key') ?? TOKEN_KEY)) this.refresh()
  }

  readonly #elsewhere = (event: globalThis.Event): void => {
    if (this.#open && !event.composedPath().includes(this)) this.#toggle(false, false)
  }

  #toggle(open: boolean, focus = true): void {
    this.#open = open
    this.#render()
    if (open) this.#title.focus()
    else if (focus) this.#opener.focus()
  }

  #tell(name: string, detail: WidgetNotification | Unread | null): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }

  readonly #render = (): void => {
    const words = this.#words
    const full = this.hasAttribute('full')
    const total = this.#state.total
    const theme = this.getAttribute('theme')
    this.#widget.dataset['theme'] = theme === 'light' || theme === 'dark' ? theme : this.#dark.matches ? 'dark' : 'light'
    this.#widget.lang = this.#language

    const label =
      total.unread === 0 ? words.show : fill(total.unread === 1 ? words.showOne : words.showMany, { count: total.unread })
    const whole = total.urgent ? `${label}, ${words.urgent}` : label
    this.#opener.hidden = full
    this.#opener.setAttribute('aria-label', whole)
    this.#opener.setAttribute('aria-expanded', String(this.#open))
    this.#opener.title = whole
    this.#badge.hidden = total.unread === 0
    this.#badge.textContent = `${total.urgent ? '!\u202f' : ''}${total.unread > MOST ? `${String(MOST)}+` : String(total.unread)}`
    this.#badge.classList.toggle('urgent', total.urgent)

    this.#panel.hidden = !full && !this.#open
    this.#panel.setAttribute('role', full ? 'region' : 'dialog')
    this.#title.textContent = words.title
    this.#title.setAttribute('aria-level', full ? '1' : '2')
    this.#messenger.href = `${this.#service}/`
    this.#messenger.textContent = words.open
    this.#messenger.setAttribute('aria-label', words.openLong)
    this.#messenger.title = words.openLong
    this.#close.hidden = full
    this.#close.setAttribute('aria-label', words.close)
    if (!this.#panel.hidden) this.#fill(words)

    const before = this.#told
    if (this.#status !== 'loading' && (before?.unread !== total.unread || before.urgent !== total.urgent)) {
      this.#told = total
      this.#live.textContent = whole
      this.#tell('messenger-unread', total)
    }
  }

  /** The panel's list. What had the focus has it afterwards. */
  #fill(words: Words): void {
    const focused = this.shadowRoot?.activeElement?.getAttribute('href')
    this.#body.replaceChildren(...this.#content(words))
    if (focused) {
      const same = [...this.#body.querySelectorAll('a')].find((link) => link.getAttribute('href') === focused)
      if (same !== undefined) same.focus()
      else if (this.#messenger.getAttribute('href') !== focused) this.#title.focus()
    }
  }

  #content(words: Words): Node[] {
    if (this.#status !== 'live') {
      const note = { loading: words.loading, out: words.signedOut, forbidden: words.forbidden, away: words.away }[this.#status]
      const nodes: Node[] = [make('p', { class: 'note', role: 'status' }, note)]
      // What is known stays to be seen while the service is away.
      if (this.#status !== 'away') return nodes
      return [...nodes, ...this.#lists(words)]
    }
    return this.#lists(words)
  }

  #lists(words: Words): Node[] {
    const rooms = this.#state.unreadRooms.slice(0, ROOMS_SHOWN)
    const { notifications } = this.#state
    const nodes: Node[] = []
    if (rooms.length > 0) {
      nodes.push(
        this.#heading('unread', words.unread),
        make('ul', { 'aria-labelledby': 'unread' }, ...rooms.map((room) => this.#room(room, words))),
      )
    } else if (this.#status === 'live') nodes.push(make('p', { class: 'note' }, words.nothing))
    if (notifications.length > 0) {
      nodes.push(
        this.#heading('notifications', words.notifications),
        make('ul', { 'aria-labelledby': 'notifications' }, ...notifications.map((one) => this.#notification(one, words))),
      )
    }
    return nodes
  }

  /** Where the widget is the whole page, its title is the page's. */
  #heading(id: string, text: string): HTMLHeadingElement {
    return make('h3', { id, role: 'heading', 'aria-level': this.hasAttribute('full') ? '2' : '3' }, text)
  }

  #row(path: string, urgent: boolean, ...children: Node[]): HTMLLIElement {
    const attributes = {
      href: `${this.#service}${path}`,
      target: '_blank',
      rel: 'noopener',
      referrerpolicy: 'no-referrer',
      class: urgent ? 'urgent' : null,
    }
    return make('li', {}, make('a', attributes, ...children))
  }

  #room({ room_id, name, unread, urgent }: UnreadRoom, words: Words): HTMLLIElement {
    return this.#row(
      `/rooms/${encodeURIComponent(room_id)}`,
      urgent,
      make('span', { class: 'name', dir: 'auto' }, short(name ?? words.room)),
      make(
        'span',
        { class: urgent ? 'mark' : 'count' },
        urgent ? `${words.urgent} · ${String(unread)}` : String(unread),
        make('span', { class: 'unseen' }, ` ${words.unread}`),
      ),
    )
  }

  #notification(one: WidgetNotification, words: Words): HTMLLIElement {
    const urgent = one.priority === 'urgent'
    return this.#row(
      `/rooms/${encodeURIComponent(one.room_id)}/${encodeURIComponent(one.event_id)}`,
      urgent,
      make('span', { class: 'name', dir: 'auto' }, short(one.title)),
      urgent ? make('span', { class: 'mark' }, words.urgent) : make('span'),
      ...(one.body ? [make('span', { class: 'text', dir: 'auto' }, short(one.body))] : []),
      make('span', { class: 'about' }, `${short(one.source_app)} · ${this.#time(one.sent_at)}`),
    )
  }

  #time(text: string): string {
    const time = new Date(text)
    if (Number.isNaN(time.valueOf())) return ''
    const today = time.toDateString() === new Date().toDateString()
    const style: Intl.DateTimeFormatOptions = today ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' }
    return new Intl.DateTimeFormat(this.#language, style).format(time)
  }
}

/** A text as far as it can be seen: nobody reads 16,000 characters in a corner. */
function short(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}

/** Makes the element known to the page; a second script does nothing. */
export function define(): void {
  if (customElements.get(NAME) === undefined) customElements.define(NAME, HubMessengerWidget)
}

declare global {
  interface HTMLElementTagNameMap {
    'hub-messenger-widget': HubMessengerWidget
  }
}
