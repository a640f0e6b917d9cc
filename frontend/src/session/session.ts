import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Me } from '@/api/schema'

/** Who is signed in. `out`: nobody; `expired`: somebody was, and the pages stay as they are until a fresh token comes. */
export const useSession = defineStore('session', () => {
  const state = ref<'starting' | 'in' | 'out' | 'expired'>('starting')
  const me = ref<Me | null>(null)

  function start(): Promise<void> {
    state.value = 'out'
    return Promise.resolve()
  }

  return { state, me, start }
})
