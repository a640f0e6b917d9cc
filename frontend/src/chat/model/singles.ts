import { shallowRef } from 'vue'
import { ApiError } from '@/api/errors'
import { changed, type Change } from './items'
import type { Item } from './types'

/** The most messages that are kept so. */
const MOST = 300

/**
 * Messages that were fetched one by one, because an answer refers to them and they are not loaded. Asking for one while
 * something is drawn is what this is for: it is fetched once, and what was drawn is drawn again when it is there.
 */
export class Singles {
  private readonly fetch: (roomId: string, eventId: string) => Promise<Item | undefined>
  private readonly found = shallowRef(new Map<string, Item>())
  private readonly asked = new Set<string>()

  constructor(fetch: (roomId: string, eventId: string) => Promise<Item | undefined>) {
    this.fetch = fetch
  }

  /** The message; `undefined` until it is there, or when it is gone. */
  get(roomId: string, eventId: string): Item | undefined {
    const item = this.found.value.get(eventId)
    if (item === undefined && !this.asked.has(eventId)) {
      this.asked.add(eventId)
      void this.load(roomId, eventId)
    }
    return item
  }

  /** Something happened to a message. */
  change(eventId: string, change: Change): void {
    const item = this.found.value.get(eventId)
    if (item !== undefined) this.put(eventId, changed(item, change))
  }

  /** What is kept may be old: it is fetched again when it is needed. */
  clear(): void {
    this.asked.clear()
    this.found.value = new Map()
  }

  private async load(roomId: string, eventId: string): Promise<void> {
    try {
      const item = await this.fetch(roomId, eventId)
      if (item !== undefined) this.put(eventId, item)
    } catch (error) {
      // An answer is readable without what it answers; what failed in passing is asked for again.
      if (error instanceof ApiError && error.passing) this.asked.delete(eventId)
    }
  }

  private put(eventId: string, item: Item): void {
    const kept = [...this.found.value].slice(1 - MOST)
    this.found.value = new Map([...kept, [eventId, item]])
  }
}
