import { computed, onScopeDispose, shallowRef, watch, type Ref, type WritableComputedRef } from 'vue'
import { errorKey } from '@/api/errors'
import { i18n } from '@/i18n'
import { useSession } from '@/session/session'
import { toast } from '@/ui/toasts'
import * as calls from './calls'
import { useDrafts } from './drafts'
import { changed, type Change } from './items'
import { newId } from '@/live/ids'
import { useSending } from './sending'
import { useTimelines } from './timelines'
import { TypingSignal } from './typing-signal'
import type { Item, Mention } from './types'

/** The most characters of a message. */
export const MOST_CHARACTERS = 16_000

/** Writing into the room that is open. */
export interface Compose {
  /** What is written; while a message is being changed, its text. */
  draft: WritableComputedRef<string>
  /** The message that is answered. */
  replyTo: WritableComputedRef<string | null>
  /** The message that is being changed. */
  editing: Readonly<Ref<Item | null>>
  /** The people the text speaks to; those whose `@name` is not in it any more are left out when it is sent. */
  mentions: WritableComputedRef<Mention[]>
  /** Characters that are too many; 0 when it fits. */
  tooMany: Readonly<Ref<number>>
  /** Adds somebody the text speaks to; the `@name` in the text is the caller's. */
  mention: (person: Mention) => void
  /** Sends what is written, or changes the message that is being changed. Nothing happens when there is nothing. */
  send: () => void
  /** Sends files, the caption with the first of them. */
  sendFiles: (files: File[], caption?: string) => void
  retry: (item: Item) => void
  /** Takes back what is on its way or has failed. */
  cancel: (item: Item) => void
  /** Begins to change a message. */
  edit: (item: Item) => void
  /** Begins to change one's last message; `false` when there is none here. */
  editLast: () => boolean
  /** Gives up changing. */
  stopEditing: () => void
  remove: (item: Item) => Promise<void>
  /** Reacts, or takes the reaction back. */
  react: (item: Item, emoji: string) => Promise<void>
  /** To be called whenever the text is changed by hand. */
  typing: () => void
}

export function useCompose(roomId: Ref<string>): Compose {
  const drafts = useDrafts()
  const sending = useSending()
  const timelines = useTimelines()
  const session = useSession()

  const editing = shallowRef<{ item: Item; text: string; mentions: Mention[] } | null>(null)
  const signal = new TypingSignal(calls.typing)

  watch(roomId, (_, former) => {
    editing.value = null
    signal.stop(former)
  })
  onScopeDispose(() => signal.stop(roomId.value))

  const draft = computed({
    get: () => editing.value?.text ?? drafts.of(roomId.value).text,
    set: (text) => {
      if (editing.value !== null) editing.value = { ...editing.value, text }
      else drafts.put(roomId.value, { text })
    },
  })
  const replyTo = computed({
    get: () => (editing.value === null ? drafts.of(roomId.value).replyTo : null),
    set: (eventId) => drafts.put(roomId.value, { replyTo: eventId }),
  })
  const mentions = computed({
    get: () => editing.value?.mentions ?? drafts.of(roomId.value).mentions,
    set: (all) => {
      if (editing.value !== null) editing.value = { ...editing.value, mentions: all }
      else drafts.put(roomId.value, { mentions: all })
    },
  })
  const tooMany = computed(() => Math.max(0, [...draft.value.trim()].length - MOST_CHARACTERS))

  function mention(person: Mention): void {
    if (!mentions.value.some((one) => one.hubUserId === person.hubUserId)) mentions.value = [...mentions.value, person]
  }

  const timeline = (id = roomId.value) => timelines.of(id).timeline

  function say(error: unknown): void {
    const { t } = i18n.global
    toast({ kind: 'error', title: t('common.errors.title'), text: t(errorKey(error)) })
  }

  /** Shows a change at once and takes it back when the service refuses it. */
  async function change(item: Item, how: Change, deed: (eventId: string) => Promise<unknown>): Promise<boolean> {
    const { eventId } = item
    if (eventId === null) return false
    const shown = timeline(item.roomId)
    shown.change(eventId, how)
    try {
      await deed(eventId)
      return true
    } catch (error) {
      shown.undo(item, changed(item, how))
      say(error)
      return false
    }
  }

  function send(): void {
    if (editing.value !== null) {
      void saveEdit()
      return
    }
    const id = roomId.value
    const { text, mentions: all, replyTo: answered } = drafts.of(id)
    const body = text.trim()
    if (body === '' || tooMany.value > 0) return
    signal.stop(id)
    drafts.clear(id)
    addText(id, body, answered, all)
    void timeline().jumpToNewest()
  }

  function addText(id: string, body: string, answered: string | null, all: Mention[]): void {
    const named = all.filter((one) => body.includes(`@${one.name}`))
    sending.outbox.add({ clientId: newId(), roomId: id, body, replyTo: answered, mentions: named, file: null, local: null })
  }

  async function saveEdit(): Promise<void> {
    const now = editing.value
    if (now === null) return
    const body = now.text.trim()
    if (body === '' || tooMany.value > 0) return
    editing.value = null
    if (body === now.item.body) return
    const done = await change(now.item, { kind: 'edit', body, at: Date.now() }, (eventId) => calls.editMessage(eventId, body))
    // What was written is not lost.
    if (!done && editing.value === null && roomId.value === now.item.roomId) editing.value = now
  }

  function sendFiles(files: File[], caption = ''): void {
    const id = roomId.value
    const { replyTo: answered, mentions: all } = drafts.of(id)
    const text = caption.trim()
    // A file cannot be an answer or speak to somebody: then its caption is a message of its own.
    const apart = text !== '' && (answered !== null || all.length > 0)
    files.forEach((file, index) => {
      sending.outbox.add({
        clientId: newId(),
        roomId: id,
        body: index === 0 && !apart ? text : '',
        replyTo: null,
        mentions: [],
        file,
        local: file.type.startsWith('image/') ? URL.createObjectURL(file) : null,
      })
    })
    if (apart) addText(id, text, answered, all)
    if (files.length === 0) return
    signal.stop(id)
    if (apart || answered === null) drafts.clear(id)
    void timeline().jumpToNewest()
  }

  function edit(item: Item): void {
    if (!item.mine || item.eventId === null || item.deleted || item.file !== null) return
    editing.value = { item, text: item.body, mentions: [] }
  }

  function editLast(): boolean {
    const last = timeline().window.items.findLast((item) => item.mine && !item.deleted && item.eventId !== null && item.file === null)
    if (last !== undefined) edit(last)
    return last !== undefined
  }

  async function remove(item: Item): Promise<void> {
    if (item.eventId === null) sending.outbox.cancel(item.key)
    else await change(item, { kind: 'delete' }, calls.deleteMessage)
  }

  async function react(item: Item, emoji: string): Promise<void> {
    const person = session.me
    if (person === null) return
    const who = { hub_user_id: person.hub_user_id, display_name: person.display_name }
    const did = item.reactions.some((one) => one.emoji === emoji && one.users.some((user) => user.hub_user_id === who.hub_user_id))
    await change(item, { kind: 'react', emoji, who, removed: did }, (eventId) => calls.react(eventId, emoji, did))
  }

  return {
    draft,
    replyTo,
    editing: computed(() => editing.value?.item ?? null),
    mentions,
    tooMany,
    mention,
    send,
    sendFiles,
    retry: (item) => sending.outbox.retry(item.key),
    cancel: (item) => sending.outbox.cancel(item.key),
    edit,
    editLast,
    stopEditing: () => {
      editing.value = null
    },
    remove,
    react,
    typing: () => signal.types(roomId.value),
  }
}
