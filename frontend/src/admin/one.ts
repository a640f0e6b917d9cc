import { onScopeDispose, shallowReactive, watch } from 'vue'
import { adminGet } from './api'

/** One thing of the admin API, for its page. */
export interface AdminOne<Thing> {
  readonly thing: Thing | null
  readonly loading: boolean
  readonly error: unknown
  load: () => Promise<void>
  /** Shows what the server answered to a change. */
  show: (thing: Thing) => void
}

/**
 * Loads one thing, and another one when `parts` says so. To be called in `setup`. `get` is how, where the API has the thing only in
 * a list.
 */
export function useAdminOne<Thing>(
  parts: () => readonly string[],
  get: (parts: readonly string[], signal: AbortSignal) => Promise<Thing> = (named, signal) => adminGet<Thing>(named, {}, signal),
): AdminOne<Thing> {
  const state = shallowReactive({ thing: null as Thing | null, loading: true, error: null as unknown })
  let running: AbortController | null = null

  async function load(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    state.loading = true
    try {
      const thing = await get(parts(), mine.signal)
      if (mine.signal.aborted) return
      state.thing = thing
      state.error = null
    } catch (error) {
      if (mine.signal.aborted) return
      state.error = error
    }
    state.loading = false
  }

  watch(
    () => parts().join('/'),
    () => {
      state.thing = null
      void load()
    },
  )
  onScopeDispose(() => running?.abort())
  void load()

  return {
    get thing() {
      return state.thing
    },
    get loading() {
      return state.loading
    },
    get error() {
      return state.error
    },
    load,
    show(thing) {
      state.thing = thing
    },
  }
}
