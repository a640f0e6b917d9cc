import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { useSession } from '@/session/session'
import { keep, readKept } from './kept'
import type { Mention } from './types'

/** What somebody has written but not sent. */
export interface Draft {
  text: string
  mentions: Mention[]
  /** The message it answers. */
  replyTo: string | null
}

/** How long it waits for more before a draft is kept, in milliseconds. */
export const KEEP_AFTER_MS = 300

const NONE: Draft = { text: '', mentions: [], replyTo: null }

/** Drafts by room, kept in the browser: they outlive a reload and an expired sign-in. */
export const useDrafts = defineStore('drafts', () => {
  const session = useSession()
  const drafts = shallowReactive(new Map<string, Draft>())
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  const keyOf = (roomId: string): string => `messenger.draft.${session.me?.hub_user_id ?? ''}.${roomId}`

  /** The draft of a room. */
  function of(roomId: string): Draft {
    const here = drafts.get(roomId)
    if (here !== undefined) return here
    const kept = readKept<Partial<Draft>>(keyOf(roomId))
    return kept === null || typeof kept.text !== 'string'
      ? NONE
      : { text: kept.text, mentions: kept.mentions ?? [], replyTo: kept.replyTo ?? null }
  }

  function write(roomId: string): void {
    clearTimeout(timers.get(roomId))
    timers.delete(roomId)
    const draft = drafts.get(roomId)
    if (draft === undefined) return
    keep(keyOf(roomId), draft.text === '' && draft.replyTo === null ? null : draft)
  }

  /** Changes the draft of a room. */
  function put(roomId: string, change: Partial<Draft>): void {
    drafts.set(roomId, { ...of(roomId), ...change })
    clearTimeout(timers.get(roomId))
    timers.set(
      roomId,
      setTimeout(() => write(roomId), KEEP_AFTER_MS),
    )
  }

  /** It was sent, or thrown away. */
  function clear(roomId: string): void {
    drafts.set(roomId, NONE)
    write(roomId)
  }

  // The page may go before the pause is over.
  addEventListener('pagehide', () => {
    for (const roomId of [...timers.keys()]) write(roomId)
  })

  return { of, put, clear }
})
