import { computed, onScopeDispose, shallowReactive, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { ApiError } from '@/api/errors'
import { useSession } from '@/session/session'
import { adminGet } from './api'
import { CURSOR, cursorOf, filtersOf, type Filter } from './filters'
import type { Page } from './types'

/** Rows of a page. */
export const PAGE_SIZE = 50

/** A list of the admin API as its page shows it. The address says which filters are set and which page of it this is. */
export interface AdminList<Row> {
  /** Where it is in the admin API: `['users']`. */
  readonly parts: readonly string[]
  readonly filters: readonly Filter[]
  /** The filters that are set. */
  readonly set: Record<string, string>
  /** Null until something came. */
  readonly rows: readonly Row[] | null
  readonly loading: boolean
  readonly error: unknown
  /** Which page this is; null when a link led into the middle. */
  readonly number: number | null
  readonly hasNext: boolean
  /** Whether it does not begin at the beginning. */
  readonly hasBefore: boolean
  reload: () => Promise<void>
  /** Looks again without saying so: what cannot be had stays as it was. */
  refresh: () => Promise<void>
  next: () => Promise<unknown>
  before: () => Promise<unknown> | undefined
  /** Puts what the server answered for one row in its place. */
  replace: (same: (row: Row) => boolean, row: Row) => void
}

/** The cursors of the pages before this one, kept in the history's entry: the API only knows the way forward. */
function trailOf(state: unknown): (string | null)[] | null {
  const trail = (state as { trail?: unknown } | null | undefined)?.trail
  return Array.isArray(trail) && trail.every((one) => one === null || typeof one === 'string') ? trail : null
}

/**
 * A list whose filters and page are in the address. To be called in `setup`. `path` is where it is in the admin API: `users`, or
 * more than one part of it.
 */
export function useAdminList<Row>(path: string | readonly string[], filters: readonly Filter[]): AdminList<Row> {
  const parts = typeof path === 'string' ? [path] : path
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  const here = route.name
  let running: AbortController | null = null

  const set = computed(() => filtersOf(filters, route.query))
  const cursor = computed(() => cursorOf(route.query))
  const state = shallowReactive({
    rows: null as readonly Row[] | null,
    next: null as string | null,
    trail: null as (string | null)[] | null,
    loading: true,
    error: null as unknown,
  })

  async function load(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    state.loading = true
    state.trail = cursor.value === null ? [] : trailOf(router.options.history.state)
    try {
      const query = { ...set.value, [CURSOR]: cursor.value, limit: PAGE_SIZE }
      const page = await adminGet<Page<Row>>(parts, query, mine.signal)
      if (mine.signal.aborted) return
      state.rows = page.items
      state.next = page.next_cursor ?? null
      state.error = null
    } catch (error) {
      if (mine.signal.aborted) return
      state.error = error
    }
    state.loading = false
  }

  async function refresh(): Promise<void> {
    if (state.loading) return
    const mine = (running = new AbortController())
    try {
      const page = await adminGet<Page<Row>>(parts, { ...set.value, [CURSOR]: cursor.value, limit: PAGE_SIZE }, mine.signal)
      if (mine.signal.aborted) return
      state.rows = page.items
      state.next = page.next_cursor ?? null
    } catch {
      // It is looked again anyway.
    }
  }

  function next(): Promise<unknown> {
    const trail = state.trail === null ? {} : { trail: [...state.trail, cursor.value] }
    return router.push({ query: { ...route.query, [CURSOR]: state.next ?? undefined }, state: trail })
  }

  function before(): Promise<unknown> | undefined {
    const trail = state.trail ?? []
    const query = { ...route.query, [CURSOR]: trail[trail.length - 1] ?? undefined }
    // The page before is usually the entry before: then going back leaves no second way through the same pages.
    if (router.options.history.state['back'] === router.resolve({ query }).fullPath) {
      router.back()
      return undefined
    }
    return router.push({ query, state: { trail: trail.slice(0, -1) } })
  }

  // A page that is being left still sees the next one's address.
  const asked = computed(() => JSON.stringify([set.value, cursor.value]))
  watch(asked, () => {
    if (route.name === here) void load()
  })
  watch(
    () => session.state,
    (now) => {
      if (now === 'in' && state.error instanceof ApiError && state.error.status === 401) void load()
    },
  )
  onScopeDispose(() => running?.abort())
  void load()

  return {
    parts,
    filters,
    get set() {
      return set.value
    },
    get rows() {
      return state.rows
    },
    get loading() {
      return state.loading
    },
    get error() {
      return state.error
    },
    get number() {
      return state.trail === null ? null : state.trail.length + 1
    },
    get hasNext() {
      return state.next !== null
    },
    get hasBefore() {
      return cursor.value !== null
    },
    reload: load,
    refresh,
    next,
    before,
    replace(same, row) {
      state.rows = state.rows?.map((old) => (same(old) ? row : old)) ?? null
    },
  }
}
