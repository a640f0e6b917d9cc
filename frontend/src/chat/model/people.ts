import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { useLive } from '@/live/live'
import { useSession } from '@/session/session'
import * as calls from './calls'
import type { Presence, User } from './types'

/** Most people that a search answers. */
const FOUND = 30

/** The people of the tenant, as far as they were met: their names, and who is here. */
export const usePeople = defineStore('people', () => {
  const live = useLive()
  const session = useSession()
  const names = shallowReactive(new Map<string, string>())
  const presences = shallowReactive(new Map<string, Presence>())
  let loading: Promise<void> | null = null

  /** Remembers what somebody is called. */
  function learn(hubUserId: string, name: string): void {
    if (name !== '' && names.get(hubUserId) !== name) names.set(hubUserId, name)
  }

  /** Colleagues whose name or id contains `q`, without oneself. */
  async function search(q: string): Promise<User[]> {
    const found = await calls.people(q.trim(), FOUND)
    for (const { hub_user_id, display_name } of found) learn(hub_user_id, display_name)
    return found.filter((user) => user.hub_user_id !== session.me?.hub_user_id)
  }

  /** What somebody is called; their id while that is not known. */
  function nameOf(hubUserId: string): string {
    return names.get(hubUserId) ?? hubUserId
  }

  /** How somebody is. */
  function presenceOf(hubUserId: string): Presence {
    return presences.get(hubUserId) ?? 'offline'
  }

  /** Loads who is here. */
  async function load(): Promise<void> {
    loading ??= (async () => {
      try {
        const here = await calls.presence()
        const ids = new Set(here.map((one) => one.hub_user_id))
        for (const id of presences.keys()) if (!ids.has(id)) presences.delete(id)
        for (const { hub_user_id, presence } of here) presences.set(hub_user_id, presence)
      } catch {
        // Who is here is an extra.
      } finally {
        loading = null
      }
    })()
    await loading
  }

  /** What the service said of somebody. */
  function heard(hubUserId: string, presence: Presence): void {
    if (presence === 'offline') presences.delete(hubUserId)
    else if (presences.get(hubUserId) !== presence) presences.set(hubUserId, presence)
  }

  live.on((events) => {
    for (const event of events) {
      if (event.type === 'presence') heard(event.hub_user_id, event.presence)
      else if (event.type === 'new_message') learn(event.hub_user_id, event.sender_display_name)
      else if (event.type === 'gap') void load()
    }
  })

  return { search, nameOf, presenceOf, load, learn }
})
