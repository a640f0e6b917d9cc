import { changed, type Change } from './items'
import type { Item } from './types'

/** The most messages that are kept of one room at a time; beyond, those at the far end go and are loaded again on the way back. */
export const MOST = 400
/** While messages come in at the end, the start is cut in steps of this size. */
const SLACK = 50
/** Changes of messages that are not here, kept for when they come. */
const MOST_WAITING = 200

/** A page of a room's history. */
export interface Page {
  items: Item[]
  hasBefore: boolean
  hasAfter: boolean
}

/**
 * A piece of a room's history without holes, in the service's order. What is new is added at its end as long as it reaches
 * to the newest message (`hasAfter` is false).
 *
 * Own messages that the service has accepted, but whose place among the others is not known yet, float at the end until
 * the stream or a page tells it.
 */
export class Window {
  /** In the service's order. */
  private anchored: Item[] = []
  private floating: Item[] = []
  private readonly known = new Map<string, Item>()
  /** Keys of own messages that were sent from here, by event id: they outlive loading anew. */
  private readonly keys = new Map<string, string>()
  private readonly waiting = new Map<string, Change[]>()
  private whole: Item[] | null = null
  hasBefore = false
  hasAfter = false

  /** All items, oldest first; the same array as long as nothing changed. */
  get items(): Item[] {
    this.whole ??= this.floating.length === 0 || this.hasAfter ? this.anchored : [...this.anchored, ...this.floating]
    return this.whole
  }

  /** The oldest and the newest message whose place is known. */
  get first(): Item | undefined {
    return this.anchored[0]
  }
  get last(): Item | undefined {
    return this.anchored.at(-1)
  }

  /** A message that is here. */
  find(eventId: string): Item | undefined {
    return this.known.get(eventId)
  }

  /** Shows this page only. */
  replace(page: Page): void {
    this.known.clear()
    for (const item of this.floating) if (item.eventId !== null) this.known.set(item.eventId, item)
    this.anchored = []
    this.hasBefore = page.hasBefore
    this.hasAfter = page.hasAfter
    this.anchored = this.taken(page.items)
    this.settle()
  }

  /** Adds an older page; at more than `MOST` the newest messages go. */
  prepend(page: Page): void {
    this.refresh(page.items)
    this.anchored = [...this.taken(page.items), ...this.anchored]
    this.hasBefore = page.hasBefore
    if (this.anchored.length > MOST) {
      this.forget(this.anchored.slice(MOST))
      this.anchored = this.anchored.slice(0, MOST)
      this.hasAfter = true
    }
    this.settle()
  }

  /** Adds a newer page; at more than `MOST` the oldest messages go. */
  append(page: Page): void {
    this.refresh(page.items)
    this.anchored = [...this.anchored, ...this.taken(page.items)]
    this.hasAfter = page.hasAfter
    this.cutStart(MOST)
    this.settle()
  }

  /**
   * A message that has just been heard of; answers whether it is new here. One that is older than this window (told late,
   * after a reconnect) or beyond its end is not taken in.
   */
  arrive(item: Item): boolean {
    const eventId = item.eventId
    if (eventId === null) return false
    const known = this.known.get(eventId)
    if (known !== undefined) {
      const at = this.floating.findIndex((one) => one.eventId === eventId)
      if (at < 0) return false
      // Now its place is known: after everything that was heard before.
      this.floating = this.floating.filter((_, index) => index !== at)
      const settled = this.carried(item, known)
      this.known.set(eventId, settled)
      this.anchored = [...this.anchored, settled]
      this.settle()
      return false
    }
    if (this.hasAfter) return false
    const { first } = this
    if (this.hasBefore && first !== undefined && item.at < first.at) return false
    this.anchored = [...this.anchored, ...this.taken([item])]
    this.cutStart(MOST + SLACK, MOST)
    this.settle()
    return true
  }

  /** An own message that the service has accepted; it keeps the key that it had on its way. */
  accept(item: Item): void {
    const eventId = item.eventId
    if (eventId === null) return
    this.name(eventId, item.key)
    const known = this.known.get(eventId)
    if (known !== undefined) {
      const named = this.carried({ ...known, key: item.key }, item)
      this.put(eventId, named)
    } else {
      const [taken] = this.taken([item])
      if (taken !== undefined) this.floating = [...this.floating, taken]
    }
    this.settle()
  }

  /** Remembers under which key an own message was shown. */
  name(eventId: string, key: string): void {
    if (eventId !== key) this.keys.set(eventId, key)
    if (this.keys.size > MOST) this.keys.delete(this.keys.keys().next().value ?? '')
  }

  /** Changes a message; a change of one that is not here waits for it. Answers whether something shown has changed. */
  change(eventId: string, change: Change): boolean {
    const item = this.known.get(eventId)
    if (item === undefined) {
      const waiting = this.waiting.get(eventId) ?? []
      this.waiting.set(eventId, [...waiting, change])
      if (this.waiting.size > MOST_WAITING) this.waiting.delete(this.waiting.keys().next().value ?? '')
      return false
    }
    const next = changed(item, change)
    if (next === item) return false
    this.put(eventId, next)
    return true
  }

  /** Puts an item back as it was, when what was shown already did not come true. */
  restore(item: Item): void {
    if (item.eventId !== null && this.known.has(item.eventId)) this.put(item.eventId, item)
  }

  /** Drops what is far from the end of a room that nobody looks at. */
  shrink(to: number): void {
    if (!this.hasAfter) this.cutStart(to)
    this.settle()
  }

  /** Forgets changes that wait; after a gap they are not all there are. */
  forgetWaiting(): void {
    this.waiting.clear()
  }

  private settle(): void {
    this.whole = null
  }

  private put(eventId: string, item: Item): void {
    this.known.set(eventId, item)
    const put = (one: Item): Item => (one.eventId === eventId ? item : one)
    if (this.floating.some((one) => one.eventId === eventId)) this.floating = this.floating.map(put)
    else this.anchored = this.anchored.map(put)
    this.settle()
  }

  /** What a fresh item keeps of the one that stood in its place. */
  private carried(fresh: Item, shown: Item): Item {
    const local = shown.file?.local ?? null
    const file = fresh.file === null || local === null ? fresh.file : { ...fresh.file, local }
    return { ...fresh, key: this.keys.get(fresh.eventId ?? '') ?? fresh.key, file }
  }

  /** Items that are not here yet, as they are shown, and known from now on. What floated is anchored by a page that has it. */
  private taken(items: Item[]): Item[] {
    const fresh: Item[] = []
    for (const item of items) {
      const id = item.eventId
      if (id === null) continue
      const floats = this.floating.find((one) => one.eventId === id)
      if (floats === undefined && this.known.has(id)) continue
      if (floats !== undefined) this.floating = this.floating.filter((one) => one !== floats)
      let shown = this.carried(item, floats ?? item)
      for (const change of this.waiting.get(id) ?? []) shown = changed(shown, change)
      this.waiting.delete(id)
      this.known.set(id, shown)
      fresh.push(shown)
    }
    return fresh
  }

  /** What a page says of messages that are here is newer than what is here. */
  private refresh(items: Item[]): void {
    for (const item of items) {
      const known = item.eventId === null ? undefined : this.known.get(item.eventId)
      if (known === undefined || item.eventId === null || this.floating.includes(known)) continue
      if (JSON.stringify({ ...known, key: '', file: null }) === JSON.stringify({ ...item, key: '', file: null })) continue
      this.put(item.eventId, this.carried(item, known))
    }
  }

  private cutStart(beyond: number, to = beyond): void {
    const over = this.anchored.length - to
    if (this.anchored.length <= beyond || over <= 0) return
    this.forget(this.anchored.slice(0, over))
    this.anchored = this.anchored.slice(over)
    this.hasBefore = true
  }

  private forget(items: Item[]): void {
    for (const item of items) if (item.eventId !== null) this.known.delete(item.eventId)
  }
}
