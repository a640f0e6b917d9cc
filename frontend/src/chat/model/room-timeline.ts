import { ApiError } from '@/api/errors'
import type { History, Marker, Where } from './calls'
import { itemOf, type Change } from './items'
import type { Item, Message, Reader } from './types'
import { MOST, Window, type Page } from './window'

/** What a timeline needs of the rest. */
export interface TimelineParts {
  /** Whose pages these are. */
  me: () => string
  history: (roomId: string, where: Where, limit?: number) => Promise<History>
  reads: (roomId: string) => Promise<Marker[]>
  /** Whether an own message of this room is on its way and may already have arrived. */
  sending: (roomId: string) => boolean
  /** Called when something shown has changed. */
  onChange: () => void
}

/** The most messages that the service answers at once. */
const LARGEST_PAGE = 200
/** The longest that messages are held back because one of them may be an own one whose answer is on its way. */
const HOLD_MS = 5_000
/** How often a page is asked for again that the service asked to wait with, and how long that is at most, in milliseconds. */
const PATIENCE = 4
const LONGEST_WAIT_MS = 20_000
/** What stays of a room that nobody looks at. */
const KEPT = 100

/** A message that was heard of: `clientId` is the name its sender gave it. */
export interface Arrival {
  message: Message
  clientId: string | null
}

/**
 * The timeline of one room: the window of its history, what happens in it, and who has read how far. Knows nothing of Vue;
 * `onChange` tells when to look again.
 */
export class RoomTimeline {
  readonly roomId: string
  readonly window = new Window()
  /** Whether it is loaded at all. */
  loaded = false
  loading = false
  loadingBefore = false
  loadingAfter = false
  error: ApiError | null = null
  /** Messages of others that came while the end of the room was not on the screen. */
  newBelow = 0

  private readonly parts: TimelineParts
  private readonly markers = new Map<string, { eventId: string; name: string; at: number }>()
  private readerIndex: Map<string, Reader[]> | null = null
  /** Counts jumps: what was asked for before one is not wanted after it. */
  private place = 0
  /** What happens while a page is on its way, which may have been written before it. */
  private meanwhile: ((() => void) | null)[] = []
  private fetching = 0
  private held: Arrival[] = []
  private holdTimer: ReturnType<typeof setTimeout> | undefined
  private atEnd = true

  constructor(roomId: string, parts: TimelineParts) {
    this.roomId = roomId
    this.parts = parts
  }

  /** Loads the newest messages, unless some are here. */
  async load(): Promise<void> {
    if (this.loaded || this.loading) return
    await Promise.all([this.go({}), this.loadReads()])
  }

  /** Loads the messages around one; `false` when it is not there, and then what was shown stays. */
  async jumpTo(eventId: string): Promise<boolean> {
    if (this.window.find(eventId) !== undefined) return true
    await this.go({ around: eventId })
    if (this.window.find(eventId) !== undefined) return true
    const gone = this.error?.status === 404 || this.error?.status === 422
    if (gone) {
      this.error = null
      if (!this.loaded) await this.go({})
      this.parts.onChange()
    }
    return false
  }

  /** Goes to the newest messages. */
  async jumpToNewest(): Promise<void> {
    if (this.loaded && !this.window.hasAfter) return
    await this.go({})
  }

  /** Loads older messages. */
  async loadBefore(): Promise<void> {
    const before = this.window.first?.eventId
    if (this.loadingBefore || this.loading || !this.window.hasBefore || before == null) return
    this.loadingBefore = true
    await this.fetch({ before }, (page) => {
      // While it was on its way the start may have been cut off.
      if (this.window.first?.eventId === before) this.window.prepend({ ...page, hasAfter: false })
    })
    this.loadingBefore = false
    this.parts.onChange()
  }

  /** Loads newer messages, where the window does not reach to the newest. */
  async loadAfter(): Promise<void> {
    const after = this.window.last?.eventId
    if (this.loadingAfter || this.loading || !this.window.hasAfter || after == null) return
    this.loadingAfter = true
    await this.fetch({ after }, (page) => {
      if (this.window.last?.eventId === after) this.window.append({ ...page, hasBefore: false })
    })
    this.loadingAfter = false
    this.parts.onChange()
  }

  /** Loads anew what is shown, after events were missed. The reader stays where they are. */
  async refresh(): Promise<void> {
    this.window.forgetWaiting()
    if (!this.loaded) return
    const { first, last } = this.window
    const place = this.place
    const fromEnd = !this.window.hasAfter
    await this.whileFetching(async () => {
      const page = fromEnd ? await this.backTo(first) : await this.between(first, last)
      if (place !== this.place || page === null) return
      this.window.replace(page)
    })
    await this.loadReads()
  }

  /** A message that was heard of. */
  arrive(arrival: Arrival): void {
    const mine = arrival.message.hub_user_id === this.parts.me()
    // Without the name it was sent under, only the answer to the sending tells whether this is the one on its way.
    const unsure = mine && arrival.clientId === null && this.parts.sending(this.roomId)
    if (unsure && this.held.length === 0) this.holdTimer = setTimeout(() => this.release(), HOLD_MS)
    if (unsure || this.held.length > 0) this.held.push(arrival)
    else this.takeIn(arrival)
  }

  /** Lets go what was held back; called when nothing of one's own is on its way any more. */
  release(): void {
    clearTimeout(this.holdTimer)
    const { held } = this
    this.held = []
    for (const arrival of held) this.takeIn(arrival)
  }

  /** An own message that the service has accepted; it keeps the key of the item it was. */
  accept(message: Message, key: string, local: string | null = null): void {
    const item = itemOf(message, this.parts.me(), key)
    const shown = item.file === null ? item : { ...item, file: { ...item.file, local } }
    const act = (): void => this.window.accept(shown)
    act()
    if (this.fetching > 0) this.meanwhile.push(act)
    this.touch()
  }

  /** Something happened to a message. */
  change(eventId: string, change: Change): void {
    const act = (): boolean => this.window.change(eventId, change)
    if (this.fetching > 0) this.meanwhile.push(act)
    if (act()) this.touch()
  }

  /** Puts a message back as it was before a change that was shown at once and then refused, unless more happened to it. */
  undo(was: Item, shown: Item): void {
    const now = was.eventId === null ? undefined : this.window.find(was.eventId)
    if (now === undefined || now.body !== shown.body || now.deleted !== shown.deleted) return
    this.window.restore({ ...was, key: now.key })
    this.touch()
  }

  /** Somebody has read up to a message; the mark never moves back in time. */
  read(hubUserId: string, name: string | null, eventId: string, at: number): void {
    const mark = this.markers.get(hubUserId)
    if (mark !== undefined && mark.at > at) return
    this.markers.set(hubUserId, { eventId, at, name: name ?? mark?.name ?? hubUserId })
    this.touch()
  }

  /** Who has read up to this message and not further. Who wrote something after it has read more. */
  readers(eventId: string): Reader[] {
    this.readerIndex ??= this.indexReaders()
    return this.readerIndex.get(eventId) ?? []
  }

  /** Says whether the end of the room is on the screen. */
  setAtEnd(is: boolean): void {
    this.atEnd = is
    if (!is || this.window.hasAfter || this.newBelow === 0) return
    this.newBelow = 0
    this.parts.onChange()
  }

  /** Nobody looks at it: only the newest messages stay. */
  close(): void {
    this.atEnd = true
    this.newBelow = 0
    if (this.window.hasAfter) {
      this.place += 1
      this.loaded = false
    } else {
      this.window.shrink(KEPT)
    }
    this.touch()
  }

  private takeIn({ message, clientId }: Arrival): void {
    const mine = message.hub_user_id === this.parts.me()
    const key = mine && clientId !== null ? clientId : message.event_id
    const item = itemOf(message, this.parts.me(), key)
    if (mine) this.window.name(message.event_id, key)
    const act = (): void => void this.window.arrive(item)
    if (this.fetching > 0) this.meanwhile.push(act)
    if (!this.loaded) return
    const isNew = this.window.find(message.event_id) === undefined
    act()
    const below = this.window.hasAfter || (!this.atEnd && this.window.find(message.event_id) !== undefined)
    if (isNew && below && !mine) this.newBelow += 1
    this.touch()
  }

  private touch(): void {
    this.readerIndex = null
    this.parts.onChange()
  }

  private indexReaders(): Map<string, Reader[]> {
    const index = new Map<string, Reader[]>()
    const spoke = new Set<string>()
    const { items } = this.window
    for (let at = items.length - 1; at >= 0; at -= 1) {
      const item = items[at]
      if (item === undefined || item.eventId === null) continue
      spoke.add(item.senderId)
      const here = [...this.markers].filter(([who, mark]) => mark.eventId === item.eventId && !spoke.has(who) && who !== this.parts.me())
      if (here.length > 0) index.set(item.eventId, here.map(([hubUserId, { name }]) => ({ hubUserId, name })))
    }
    return index
  }

  /** Shows another part of the room. */
  private async go(where: Where): Promise<void> {
    this.place += 1
    this.loading = true
    this.error = null
    this.parts.onChange()
    const place = this.place
    await this.fetch(where, (page) => {
      this.window.replace(page)
      this.loaded = true
      if (!page.hasAfter) this.newBelow = 0
    })
    if (place !== this.place) return
    this.loading = false
    this.parts.onChange()
  }

  private async fetch(where: Where, use: (page: Page) => void): Promise<void> {
    const { place } = this
    this.error = null
    await this.whileFetching(async () => {
      const page = this.pageOf(await this.patiently(() => this.parts.history(this.roomId, where)))
      if (place === this.place) use(page)
    }, place)
  }

  /** Does something that brings a page, and then once more what happened since it was asked for: the page may be older. */
  private async whileFetching(deed: () => Promise<void>, place = this.place): Promise<void> {
    this.fetching += 1
    const from = this.meanwhile.length
    try {
      await deed()
      for (const act of this.meanwhile.slice(from)) act?.()
    } catch (error) {
      if (place === this.place) this.error = error instanceof ApiError ? error : new ApiError(0, {})
    } finally {
      this.fetching -= 1
      if (this.fetching === 0) this.meanwhile = []
      this.touch()
    }
  }

  /** Who scrolls fast through a long room is asked by the service to wait a little: no reason for an error. */
  private async patiently(call: () => Promise<History>): Promise<History> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await call()
      } catch (error) {
        const slow = error instanceof ApiError && error.status === 429
        if (!slow || tries === PATIENCE) throw error
        const ms = Math.min(error.retryAfterMs ?? 1_000, LONGEST_WAIT_MS)
        await new Promise((resolve) => setTimeout(resolve, ms))
      }
    }
  }

  private pageOf({ messages, hasBefore, hasAfter }: History): Page {
    return { items: messages.map((message) => itemOf(message, this.parts.me())), hasBefore, hasAfter }
  }

  /** The newest messages back to one; only the newest when that is too far. */
  private async backTo(first: Item | undefined): Promise<Page> {
    let page = this.pageOf(await this.parts.history(this.roomId, {}, LARGEST_PAGE))
    const reached = (): boolean => first === undefined || page.items.some((item) => item.eventId === first.eventId)
    while (!reached() && page.hasBefore && page.items.length < MOST) {
      const before = page.items[0]?.eventId
      if (before == null) break
      const older = this.pageOf(await this.parts.history(this.roomId, { before }, LARGEST_PAGE))
      page = { items: [...older.items, ...page.items], hasBefore: older.hasBefore, hasAfter: false }
    }
    const from = page.items.findIndex((item) => item.eventId === first?.eventId)
    return from > 0 ? { ...page, items: page.items.slice(from), hasBefore: true } : page
  }

  /** The messages from one to another. */
  private async between(first: Item | undefined, last: Item | undefined): Promise<Page | null> {
    if (first?.eventId == null || last?.eventId == null) return null
    let page = this.pageOf(await this.parts.history(this.roomId, { around: first.eventId }, LARGEST_PAGE))
    page = { ...page, items: page.items.slice(Math.max(0, page.items.findIndex((item) => item.eventId === first.eventId))) }
    const reached = (): boolean => page.items.some((item) => item.eventId === last.eventId)
    while (!reached() && page.hasAfter && page.items.length < MOST) {
      const after = page.items.at(-1)?.eventId
      if (after == null) break
      const newer = this.pageOf(await this.parts.history(this.roomId, { after }, LARGEST_PAGE))
      page = { items: [...page.items, ...newer.items], hasBefore: page.hasBefore, hasAfter: newer.hasAfter }
    }
    return { ...page, hasBefore: this.window.hasBefore }
  }

  private async loadReads(): Promise<void> {
    try {
      for (const { hub_user_id, display_name, event_id, read_at } of await this.parts.reads(this.roomId)) {
        const mark = this.markers.get(hub_user_id)
        const at = Date.parse(read_at)
        if (mark === undefined || mark.at <= at) this.markers.set(hub_user_id, { eventId: event_id, name: display_name, at })
      }
      this.touch()
    } catch {
      // Who has read is an extra: the timeline is whole without it.
    }
  }
}
