import { useTimeoutFn } from '@vueuse/core'
import { computed, onScopeDispose, ref } from 'vue'
import { api } from '@/api/client'
import type { ExternalClient, ExternalSession, NewPassword } from '@/api/schema'

/** How often it is looked how far the rooms are, and whether a device has signed in with the password that is shown. */
const LOOK_MS = 4000
/** The longest name of a device that the service takes, in characters. */
export const LONGEST_NAME = 255

/**
 * The external clients of whoever is signed in (contract R70). `load` first; while something is going on (rooms are being
 * joined, a new password waits for its device) it looks again by itself.
 */
export function useExternalClient() {
  const client = ref<ExternalClient | null>(null)
  const sessions = ref<ExternalSession[]>([])
  const loading = ref(false)
  const error = ref<unknown>(null)
  /** The password that was just made. It is nowhere else, so it stays until `hide`. */
  const made = ref<NewPassword | null>(null)
  /** The device that signed in since it was made. */
  const arrived = ref<ExternalSession | null>(null)
  let known = new Set<string>()
  let gone = false

  const going = computed(() => client.value?.joining.state === 'running' || (made.value !== null && arrived.value === null))

  async function refresh(): Promise<void> {
    const [status, list] = await Promise.all([
      api.GET('/api/v1/users/me/external-client'),
      api.GET('/api/v1/users/me/external-client/sessions'),
    ])
    client.value = status.data ?? null
    sessions.value = (list.data ?? []).toSorted((a, b) => b.last_seen_at.localeCompare(a.last_seen_at))
    if (made.value !== null) arrived.value ??= sessions.value.find(({ id }) => !known.has(id)) ?? null
  }

  const { start: lookSoon, stop } = useTimeoutFn(
    async () => {
      if (!document.hidden) {
        try {
          await refresh()
        } catch {
          // What is shown stays; the next look may succeed.
        }
      }
      // A look may have been under way when the page was left.
      if (going.value && !gone) lookSoon()
    },
    LOOK_MS,
    { immediate: false },
  )
  onScopeDispose(() => {
    gone = true
    stop()
  })

  async function load(): Promise<void> {
    loading.value = true
    error.value = null
    try {
      await refresh()
      if (going.value) lookSoon()
    } catch (cause) {
      error.value = cause
    } finally {
      loading.value = false
    }
  }

  /** Makes an app password for a device; the first one also lets external clients in. Throws an `ApiError`. */
  async function make(deviceName: string): Promise<void> {
    const name = deviceName.trim()
    const { data } = await api.POST('/api/v1/users/me/external-client', { body: name === '' ? {} : { device_name: name } })
    known = new Set(sessions.value.map(({ id }) => id))
    arrived.value = null
    made.value = data ?? null
    await load()
  }

  function hide(): void {
    made.value = null
    arrived.value = null
  }

  /** Signs a device out. Throws an `ApiError`. */
  async function revoke(id: string): Promise<void> {
    await api.DELETE('/api/v1/users/me/external-client/sessions/{id}', { params: { path: { id } } })
    sessions.value = sessions.value.filter((session) => session.id !== id)
    await load()
  }

  /** Ends all sessions and app passwords. Throws an `ApiError`. */
  async function switchOff(): Promise<void> {
    await api.DELETE('/api/v1/users/me/external-client')
    hide()
    await load()
  }

  return { client, sessions, loading, error, made, arrived, load, make, hide, revoke, switchOff }
}
