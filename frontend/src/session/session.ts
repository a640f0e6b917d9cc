// Before everything that loads the router.
import { fromAddress } from './address'
import { useEventListener, useIntervalFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { errorOf } from '@/api/client'
import { ApiError } from '@/api/errors'
import type { Me, Role } from '@/api/schema'
import { i18n } from '@/i18n'
import { router } from '@/router'
import { toast } from '@/ui/toasts'
import { claimsOf } from './claims'
import { belongsTo } from './personal'
import { candidates, forget, keep, takeFragment, type Candidate } from './sources'
import { HUB_TOKEN, currentToken, onTokenRefused, setToken } from './token'

/** Somebody that one may be in development (`GET /api/v1/dev/people`). */
export interface DemoPerson {
  hub_user_id: string
  display_name: string
  role: Role
  token: string
}

/** How often it is looked whether there is a fresh token, and whether the present one ends. */
const TICK_MS = 3000
/** How long before its end somebody is told. */
const NOTICE_MS = 5 * 60_000
/** The hub may take its token away a little before it ends: that is an end, not a sign-out. */
const ALMOST_MS = 60_000
/** A hub that renews its token may remove the old one first. */
const RENEWAL_MS = 1000
/** The longest pause between two attempts while the service is not reached. */
const LONGEST_PAUSE_MS = 30_000

let held = fromAddress

async function whoIs(token: string): Promise<Me> {
  let response: Response
  try {
    response = await fetch('/api/v1/users/me', { headers: { Authorization: `Bearer ${token}` }, cache: 'no-store' })
  } catch {
    throw new ApiError(0, {})
  }
  if (!response.ok) throw await errorOf(response)
  return (await response.json()) as Me
}

/**
 * Who is signed in. `out`: nobody; `expired`: somebody was, and the pages stay as they are until a fresh token comes, which
 * is found by itself wherever the hub puts it. A token of another person starts the pages anew, without what was the former's.
 */
export const useSession = defineStore('session', () => {
  const state = ref<'starting' | 'in' | 'out' | 'expired'>('starting')
  const me = ref<Me | null>(null)
  /** Why nobody is in, or why the fresh token did not count; `null` where there simply is none. */
  const problem = ref<ApiError | null>(null)
  /** Whether somebody has just signed out here, and whether the hub's own sign-in is still there. */
  const signedOut = ref<'no' | 'whole' | 'here'>('no')
  const demoPeople = ref<DemoPerson[]>([])

  const isViewer = computed(() => me.value?.role === 'viewer')
  const isAdmin = computed(() => me.value?.role === 'admin')

  /** Tokens that are known not to count, or not to be wanted. */
  const refused = new Set<string>()
  let started = false
  let looking: Promise<void> | null = null
  let pause = TICK_MS
  let notBefore = 0
  let endsAt: number | null = null
  let told = false

  function enter({ token, source }: Candidate, person: Me): void {
    if (source === 'fragment' || source === 'given') held = keep(token) ? null : token
    if (me.value !== null && me.value.hub_user_id !== person.hub_user_id) {
      // Nothing of the former person stays in memory; what is kept of them goes when the pages begin anew.
      location.reload()
      return
    }
    belongsTo(person.hub_user_id)
    setToken(token)
    endsAt = claimsOf(token).expiresAt
    told = false
    pause = TICK_MS
    me.value = person
    problem.value = null
    signedOut.value = 'no'
    state.value = 'in'
  }

  /** Tries what there is until something counts. */
  async function tryAll(first: Candidate[]): Promise<void> {
    let failed: ApiError | null = null
    for (const candidate of [...first, ...candidates(held)]) {
      if (refused.has(candidate.token)) continue
      if (state.value === 'in' && candidate.token === currentToken()) return
      try {
        enter(candidate, await whoIs(candidate.token))
        return
      } catch (cause) {
        failed = cause instanceof ApiError ? cause : new ApiError(0, {})
        if (failed.passing) {
          notBefore = Date.now() + pause
          pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
          break
        }
        refused.add(candidate.token)
        if (candidate.token === held) held = null
      }
    }
    if (state.value === 'in') return
    // What was wrong with the last one stays said until there is another.
    if (failed !== null) problem.value = failed
    if (state.value === 'starting') state.value = 'out'
  }

  async function look(first: Candidate[] = []): Promise<void> {
    while (looking !== null) await looking
    looking = tryAll(first).finally(() => {
      looking = null
    })
    await looking
  }

  function expire(): void {
    const token = currentToken()
    if (token !== null) refused.add(token)
    state.value = 'expired'
    void look()
    if (token !== null) void whetherDeactivated(token)
  }

  /** Another sign-in at the hub helps nobody whom an admin keeps out: the banner says that instead. */
  async function whetherDeactivated(token: string): Promise<void> {
    try {
      await whoIs(token)
    } catch (error) {
      if (state.value === 'expired' && error instanceof ApiError && error.deactivated) problem.value = error
    }
  }

  function leave(kind: 'whole' | 'here'): void {
    const token = currentToken()
    if (token !== null) refused.add(token)
    setToken(null)
    held = null
    problem.value = null
    signedOut.value = kind
    state.value = 'out'
  }

  /** The clock of this machine may be wrong, so the service is asked whether the end has come. */
  async function atTheEnd(token: string): Promise<void> {
    endsAt = null
    try {
      await whoIs(token)
    } catch (error) {
      if (currentToken() !== token || state.value !== 'in') return
      if (error instanceof ApiError && !error.passing) expire()
      else endsAt = Date.now() + TICK_MS
    }
  }

  function watchTheEnd(): void {
    const token = currentToken()
    if (endsAt === null || token === null) return
    const left = endsAt - Date.now()
    if (left <= 0) void atTheEnd(token)
    else if (left <= NOTICE_MS && !told) {
      told = true
      toast({ title: i18n.global.t('session.soon.title'), text: i18n.global.t('session.soon.text') })
    }
  }

  function tick(): void {
    if (!started) return
    if (state.value === 'in') watchTheEnd()
    if (looking === null && Date.now() >= notBefore && !document.hidden) void look()
  }

  /** Somebody came back to this page, the network did, or there is a fresh token: no reason to wait. */
  function wake(): void {
    if (!started) return
    notBefore = 0
    if (state.value === 'in') watchTheEnd()
    void look()
  }

  function takenAway(): void {
    const token = currentToken()
    if (state.value !== 'in' || candidates(held).some((candidate) => candidate.token === token)) return
    if (candidates(held).length > 0) wake()
    else if (endsAt !== null && endsAt - Date.now() < ALMOST_MS) expire()
    else leave('whole')
  }

  useIntervalFn(tick, TICK_MS)
  useEventListener(window, 'focus', wake)
  useEventListener(window, 'online', wake)
  useEventListener(document, 'visibilitychange', wake)
  useEventListener(window, 'storage', (event: StorageEvent) => {
    if (event.key !== null && event.key !== HUB_TOKEN) return
    if (event.newValue === null) setTimeout(takenAway, RENEWAL_MS)
    else wake()
  })
  useEventListener(window, 'hashchange', () => {
    const fresh = takeFragment()
    if (fresh === null) return
    held = fresh
    refused.delete(fresh)
    // The router has seen the address with the token and would write it into the history again.
    void router.replace({ path: location.pathname, query: router.currentRoute.value.query })
    wake()
  })
  onTokenRefused((token) => {
    if (state.value === 'in' && token === currentToken()) expire()
  })

  /** Finds out who is signed in. Called once; the pages wait for it. */
  async function start(): Promise<void> {
    started = true
    await look()
  }

  /** Looks again, also at what was refused before. */
  async function retry(): Promise<void> {
    refused.clear()
    notBefore = 0
    problem.value = null
    await look()
  }

  /** Signs in with a token that somebody chose or pasted. Throws an `ApiError` when it does not count. */
  async function signIn(text: string): Promise<void> {
    const token = text.trim().replace(/^Bearer\s+/i, '')
    // Nothing that is no token goes into a header.
    if (!/^[\w.~+/=-]+$/.test(token)) throw new ApiError(401, { error: 'unauthenticated' })
    const person = await whoIs(token)
    refused.delete(token)
    enter({ token, source: 'given' }, person)
  }

  /** Signs out here. Only what these pages have stored is forgotten; the sign-in at the hub is the hub's. */
  function signOut(): void {
    leave(forget() ? 'whole' : 'here')
  }

  /** Loads `demoPeople`; it stays empty where the service is not in development. */
  async function loadDemoPeople(): Promise<void> {
    if (demoPeople.value.length > 0) return
    try {
      const response = await fetch('/api/v1/dev/people')
      if (response.ok) demoPeople.value = (await response.json()) as DemoPerson[]
    } catch {
      // The page says by itself that the service is not reached.
    }
  }

  return { state, me, problem, signedOut, demoPeople, isViewer, isAdmin, start, retry, signIn, signOut, loadDemoPeople }
})
