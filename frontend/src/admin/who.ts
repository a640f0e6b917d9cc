import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { useSession } from '@/session/session'
import { adminGet } from './api'
import type { Person } from './types'

/** Who administrates. The hub's `super_admin` sees every tenant, another admin their own. */
export const useWho = defineStore('admin-who', () => {
  const session = useSession()
  const self = ref<Person | null>(null)

  const mayBeHere = computed(() => session.me?.role === 'admin')
  const everyTenant = computed(() => self.value?.super_admin === true)

  async function load(): Promise<void> {
    const id = session.me?.hub_user_id
    if (id === undefined || self.value?.hub_user_id === id) return
    try {
      self.value = await adminGet<Person>(['users', id])
    } catch {
      // Only words and one filter depend on it; the service itself decides who sees what.
      self.value = null
    }
  }

  return { mayBeHere, everyTenant, load }
})
