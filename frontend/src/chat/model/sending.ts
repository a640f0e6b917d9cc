import { defineStore } from 'pinia'
import { shallowRef, triggerRef, watch } from 'vue'
import { useLive } from '@/live/live'
import { browserParts } from '@/live/tabs'
import { useSession } from '@/session/session'
import * as calls from './calls'
import { itemOf } from './items'
import { keep, keptKeys, readKept } from './kept'
import { Outbox, type Entry } from './outbox'
import type { Item, Message } from './types'
import { upload } from './uploads'

/** Called when the service has accepted something: with the message, the key of its item, and its local picture. */
export type Accepted = (message: Message, key: string, local: string | null) => void

/** Local pictures of sent files that are kept, so that they need not be loaded at once. */
const LOCALS = 30

/**
 * The outbox of these pages. Each tab keeps its own; what a tab left that is gone, or was before a reload, is taken up by the
 * next one.
 */
export const useSending = defineStore('sending', () => {
  const live = useLive()
  const session = useSession()
  const version = shallowRef(0)
  const listeners = new Set<Accepted>()
  const changes = new Set<(roomId: string) => void>()
  const locals: string[] = []
  const tab = live.tab
  let restored = false

  const me = (): string => session.me?.hub_user_id ?? ''
  const prefix = (): string => `messenger.outbox.${me()}.`

  const outbox = new Outbox({
    sendText: (entry) =>
      calls.sendMessage({
        room_id: entry.roomId,
        body: entry.body,
        client_id: entry.clientId,
        ...(entry.replyTo === null ? {} : { reply_to: entry.replyTo }),
        ...(entry.mentions.length === 0 ? {} : { mentions: entry.mentions.map((mention) => mention.hubUserId) }),
      }),
    sendFile: (entry, onProgress, signal) =>
      upload({ roomId: entry.roomId, clientId: entry.clientId, file: entry.file ?? new File([], ''), caption: entry.body }, onProgress, signal),
    onSent: (entry, message) => {
      if (entry.local !== null) {
        locals.push(entry.local)
        if (locals.length > LOCALS) URL.revokeObjectURL(locals.shift() ?? '')
      }
      for (const listener of listeners) listener(message, entry.clientId, entry.local)
    },
    onChange: (roomId) => {
      triggerRef(version)
      for (const listener of changes) listener(roomId)
    },
    save: (texts) => keep(prefix() + tab, texts.length === 0 ? null : texts),
    random: Math.random,
    now: Date.now,
  })

  /** Takes up what is left of tabs that are gone. */
  async function restore(): Promise<void> {
    if (restored || me() === '') return
    restored = true
    const held = new Set<string | undefined>()
    const { locks } = browserParts()
    if (locks !== null) {
      // Tells the other tabs that this one still lives, as long as it does.
      void locks.request(`messenger.tab.${tab}`, () => new Promise(() => undefined))
      for (const lock of (await locks.query()).held ?? []) held.add(lock.name)
    }
    for (const key of keptKeys(prefix())) {
      const other = key.slice(prefix().length)
      if (other === tab) continue
      const lock = `messenger.tab.${other}`
      // Also when it goes later: a page that is loaded anew may begin before the one it follows has ended.
      if (held.has(lock)) void locks?.request(lock, () => takeUp(key))
      else takeUp(key)
    }
  }

  function takeUp(key: string): void {
    const texts = readKept<Entry[]>(key)
    keep(key, null)
    if (Array.isArray(texts)) outbox.restore(texts)
  }

  watch(
    () => session.state,
    (state) => {
      if (state === 'in') {
        void restore()
        outbox.kick()
      } else {
        outbox.pause()
      }
    },
    { immediate: true, flush: 'sync' },
  )
  watch(
    () => live.status,
    (status) => {
      if ((status === 'live' || status === 'polling') && session.state === 'in') outbox.kick()
    },
  )

  /** Entries are never changed but replaced, so each has one item. */
  const items = new WeakMap<Entry, Item>()

  function itemFor(entry: Entry): Item {
    const item = items.get(entry) ?? pendingItem(entry, me(), session.me?.display_name ?? '')
    items.set(entry, item)
    return item
  }

  /** The items of a room that are on their way, oldest first. */
  function itemsIn(roomId: string): Item[] {
    void version.value
    return outbox.in(roomId).map(itemFor)
  }

  /** Hears of what the service accepts. */
  function onAccepted(listener: Accepted): void {
    listeners.add(listener)
  }

  /** Hears of rooms in which what waits has changed. */
  function onChange(listener: (roomId: string) => void): void {
    changes.add(listener)
  }

  return { outbox, itemsIn, onAccepted, onChange }
})

/** How something on its way is shown. */
export function pendingItem(entry: Entry, me: string, name: string): Item {
  const { file } = entry
  const item = itemOf(
    {
      event_id: entry.clientId,
      room_id: entry.roomId,
      sender: '',
      sender_display_name: name,
      hub_user_id: me,
      body: entry.body === '' && file !== null ? file.name : entry.body,
      msg_type: msgTypeOf(file),
      sent_at: new Date(entry.at).toISOString(),
      timestamp: '',
      edited: false,
      deleted: false,
      reactions: [],
      reply_to: entry.replyTo,
      mentions: entry.mentions.map((mention) => mention.hubUserId),
    },
    me,
  )
  return {
    ...item,
    eventId: null,
    mine: true,
    file: file === null ? null : { url: null, local: entry.local, name: file.name, size: file.size, mime: file.type },
    state: entry.state,
    progress: entry.progress,
    error: entry.state === 'failed' ? entry.error : null,
  }
}

/** The Matrix type of a message with this file. */
function msgTypeOf(file: File | null): string {
  if (file === null) return 'm.text'
  const [kind] = file.type.split('/')
  return kind === 'image' || kind === 'audio' || kind === 'video' ? `m.${kind}` : 'm.file'
}
