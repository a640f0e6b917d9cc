import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { ApiError } from '@/api/errors'
import { useSession } from '@/session/session'
import * as calls from './calls'
import { itemOf } from './items'
import type { Item } from './types'

/** How long it waits for more letters, in milliseconds. */
const SEARCH_AFTER_MS = 250
/** Fewer letters find too much. */
const SHORTEST = 2

/** A search for messages. */
export interface MessageSearch {
  q: Ref<string>
  /** Only in this room; `null`: in all. */
  inRoom: Ref<string | null>
  /** Newest first. */
  results: ShallowRef<Item[]>
  loading: Ref<boolean>
  error: ShallowRef<ApiError | null>
  /** Whether there are more. */
  hasMore: Ref<boolean>
  /** Whether `results` are those of `q`. */
  searched: Ref<boolean>
  more: () => Promise<void>
  /** Searches once more after an error. */
  again: () => void
}

export function useMessageSearch(): MessageSearch {
  const session = useSession()
  const q = ref('')
  const inRoom = ref<string | null>(null)
  const results = shallowRef<Item[]>([])
  const loading = ref(false)
  const error = shallowRef<ApiError | null>(null)
  const hasMore = ref(false)
  const searched = ref(false)
  let next: string | null = null
  let run = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function fetch(): Promise<void> {
    run += 1
    const mine = run
    loading.value = true
    error.value = null
    try {
      const page = await calls.search(q.value.trim(), inRoom.value, next)
      // Something else is searched for by now.
      if (mine !== run) return
      const me = session.me?.hub_user_id ?? ''
      const known = new Set(next === null ? [] : results.value.map((item) => item.key))
      const items = page.found.map((message) => itemOf(message, me)).filter((item) => !known.has(item.key))
      results.value = next === null ? items : [...results.value, ...items]
      next = page.next
      hasMore.value = next !== null && next !== ''
      searched.value = true
    } catch (cause) {
      if (mine === run) error.value = cause instanceof ApiError ? cause : new ApiError(0, {})
    } finally {
      if (mine === run) loading.value = false
    }
  }

  function again(): void {
    clearTimeout(timer)
    run += 1
    next = null
    hasMore.value = false
    if ([...q.value.trim()].length < SHORTEST) {
      results.value = []
      loading.value = false
      searched.value = false
      error.value = null
      return
    }
    loading.value = true
    timer = setTimeout(() => void fetch(), SEARCH_AFTER_MS)
  }

  watch([q, inRoom], again)
  onScopeDispose(() => clearTimeout(timer))

  async function more(): Promise<void> {
    if (!loading.value && hasMore.value) await fetch()
  }

  return { q, inRoom, results, loading, error, hasMore, searched, more, again }
}
