import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Me } from '@/api/schema'
import { startLanguage } from '@/i18n'
import { toasts } from '@/ui/toasts'
import { useSession } from './session'
import { currentToken, setToken, tokenRefused } from './token'

const NOW = Date.UTC(2026, 0, 31, 12)

/** A token of a person that ends so many seconds from now. */
function jwt(sub: string, seconds = 3600, mark = ''): string {
  return `e30.${btoa(JSON.stringify({ sub, exp: NOW / 1000 + seconds }))}.${mark}`
}

/** What the service answers: whose a good token is, or the status for others. */
let people: Map<string, string | number>
let calls: string[]
let pinia: Pinia
const reload = vi.fn()

beforeAll(() => startLanguage())

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  localStorage.clear()
  history.replaceState(null, '', '/')
  document.cookie = 'hub_token=; max-age=0'
  people = new Map()
  calls = []
  setToken(null)
  toasts.value = []
  reload.mockReset()
  vi.spyOn(location, 'reload').mockImplementation(reload)
  vi.stubGlobal(
    'fetch',
    vi.fn((_: string, init?: RequestInit) => {
      const token = new Headers(init?.headers).get('Authorization')?.slice(7) ?? ''
      calls.push(token)
      const who = people.get(token) ?? 401
      if (who === 0) return Promise.reject(new TypeError('away'))
      if (typeof who === 'number') return Promise.resolve(Response.json({ error: 'x', message: 'no' }, { status: who }))
      const me: Partial<Me> = { hub_user_id: who, display_name: who, role: who === 'gast' ? 'viewer' : 'user' }
      return Promise.resolve(Response.json(me))
    }),
  )
  pinia = createPinia()
  setActivePinia(pinia)
})

afterEach(() => {
  // Its listeners and timers end with it.
  useSession().$dispose()
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function hubPuts(token: string | null): void {
  const old = localStorage.getItem('hub_token')
  if (token === null) localStorage.removeItem('hub_token')
  else localStorage.setItem('hub_token', token)
  window.dispatchEvent(new StorageEvent('storage', { key: 'hub_token', oldValue: old, newValue: token }))
}

async function signedIn(name = 'max', seconds = 3600): Promise<ReturnType<typeof useSession>> {
  const token = jwt(name, seconds)
  people.set(token, name)
  localStorage.setItem('hub_token', token)
  const session = useSession()
  await session.start()
  expect(session.state).toBe('in')
  return session
}

describe('the beginning', () => {
  it('is out without a token, and asks nobody', async () => {
    const session = useSession()
    await session.start()
    expect(session.state).toBe('out')
    expect(session.problem).toBeNull()
    expect(calls).toEqual([])
  })

  it('takes the cookie when the stored token does not count', async () => {
    localStorage.setItem('hub_token', 'old')
    const good = jwt('gast')
    document.cookie = `hub_token=${good}`
    people.set(good, 'gast')
    const session = useSession()
    await session.start()
    expect(session.state).toBe('in')
    expect(session.isViewer).toBe(true)
    expect(currentToken()).toBe(good)
    expect(localStorage.getItem('hub_token')).toBe('old')
  })

  it('says what is wrong with a token that is refused', async () => {
    localStorage.setItem('hub_token', 'x.y.z')
    people.set('x.y.z', 403)
    const session = useSession()
    await session.start()
    expect(session.state).toBe('out')
    expect(session.problem?.status).toBe(403)
  })

  it('does not take a service that is away for a sign-out, and comes in as soon as it is back', async () => {
    const token = jwt('max')
    localStorage.setItem('hub_token', token)
    people.set(token, 0)
    const session = useSession()
    await session.start()
    expect(session.problem?.passing).toBe(true)
    people.set(token, 'max')
    await vi.advanceTimersByTimeAsync(6000)
    expect(session.state).toBe('in')
    expect(session.problem).toBeNull()
  })

  it('asks less and less often while the service is away', async () => {
    const token = jwt('max')
    localStorage.setItem('hub_token', token)
    people.set(token, 0)
    await useSession().start()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(calls.length).toBeGreaterThan(3)
    expect(calls.length).toBeLessThan(10)
  })
})

describe('the end of a token', () => {
  it('is told before, once', async () => {
    await signedIn('max', 600)
    await vi.advanceTimersByTimeAsync(290_000)
    expect(toasts.value).toEqual([])
    await vi.advanceTimersByTimeAsync(15_000)
    expect(toasts.value).toHaveLength(1)
    toasts.value = []
    await vi.advanceTimersByTimeAsync(60_000)
    expect(toasts.value).toEqual([])
  })

  it('comes when the service says so, not when this clock does', async () => {
    const session = await signedIn('max', 60)
    await vi.advanceTimersByTimeAsync(90_000)
    expect(session.state).toBe('in')
    people.clear()
    tokenRefused(currentToken())
    expect(session.state).toBe('expired')
  })

  it('is noticed without a call of the pages', async () => {
    const session = await signedIn('max', 60)
    people.clear()
    await vi.advanceTimersByTimeAsync(66_000)
    expect(session.state).toBe('expired')
    expect(session.me?.hub_user_id).toBe('max')
  })

  it('is over as soon as the hub has put a fresh one, with or without an event', async () => {
    const session = await signedIn()
    for (const tell of [true, false]) {
      people.clear()
      tokenRefused(currentToken())
      expect(session.state).toBe('expired')
      const fresh = jwt('max', 7200, String(tell))
      people.set(fresh, 'max')
      if (tell) hubPuts(fresh)
      else localStorage.setItem('hub_token', fresh)
      await vi.advanceTimersByTimeAsync(tell ? 10 : 4000)
      expect(session.state).toBe('in')
      expect(currentToken()).toBe(fresh)
    }
    expect(reload).not.toHaveBeenCalled()
  })

  it('does not ask about a refused token again and again', async () => {
    await signedIn()
    people.clear()
    tokenRefused(currentToken())
    const before = calls.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(calls.length).toBe(before)
  })

  it('drops what was the former person’s when somebody else signs in', async () => {
    const session = await signedIn()
    localStorage.setItem('messenger.draft.x', 'secret')
    localStorage.setItem('messenger.theme', 'dark')
    people.clear()
    tokenRefused(currentToken())
    const fresh = jwt('erika')
    people.set(fresh, 'erika')
    hubPuts(fresh)
    await vi.advanceTimersByTimeAsync(10)
    expect(reload).toHaveBeenCalledOnce()
    expect(session.state).toBe('expired')
    expect(currentToken()).not.toBe(fresh)

    session.$dispose()
    setActivePinia(createPinia())
    const anew = useSession()
    await anew.start()
    expect(anew.me?.hub_user_id).toBe('erika')
    expect(localStorage.getItem('messenger.draft.x')).toBeNull()
    expect(localStorage.getItem('messenger.theme')).toBe('dark')
  })

  it('takes a fresh one from the address', async () => {
    const session = await signedIn()
    people.clear()
    tokenRefused(currentToken())
    const fresh = jwt('max', 7200, 'fragment')
    people.set(fresh, 'max')
    history.replaceState(null, '', `/#hub_token=${fresh}`)
    window.dispatchEvent(new Event('hashchange'))
    await vi.advanceTimersByTimeAsync(10)
    expect(session.state).toBe('in')
    expect(location.href).not.toContain('hub_token')
    expect(localStorage.getItem('hub_token')).toBe(fresh)
  })

  it('is not a sign-out when the hub takes the token away in its last minute', async () => {
    const session = await signedIn('max', 30)
    hubPuts(null)
    await vi.advanceTimersByTimeAsync(2000)
    expect(session.state).toBe('expired')
  })
})

describe('signing out', () => {
  it('at the hub signs out here', async () => {
    const session = await signedIn()
    hubPuts(null)
    await vi.advanceTimersByTimeAsync(2000)
    expect(session.state).toBe('out')
    expect(currentToken()).toBeNull()
  })

  it('at the hub is not what a renewal looks like', async () => {
    const session = await signedIn()
    hubPuts(null)
    const fresh = jwt('max', 7200, 'fresh')
    people.set(fresh, 'max')
    await vi.advanceTimersByTimeAsync(500)
    hubPuts(fresh)
    await vi.advanceTimersByTimeAsync(2000)
    expect(session.state).toBe('in')
    expect(currentToken()).toBe(fresh)
  })

  it('here leaves the hub’s token, and does not come back by itself', async () => {
    const session = await signedIn()
    session.signOut()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(session.state).toBe('out')
    expect(session.signedOut).toBe('here')
    expect(localStorage.getItem('hub_token')).not.toBeNull()
    await session.retry()
    expect(session.state).toBe('in')
  })

  it('here forgets a token that was given here', async () => {
    const session = useSession()
    await session.start()
    const token = jwt('max')
    people.set(token, 'max')
    await session.signIn(`  Bearer ${token}\n`)
    expect(session.state).toBe('in')
    expect(localStorage.getItem('hub_token')).toBe(token)
    session.signOut()
    expect(session.signedOut).toBe('whole')
    expect(localStorage.getItem('hub_token')).toBeNull()
  })
})

describe('a pasted token', () => {
  it('that does not count changes nothing', async () => {
    const session = await signedIn()
    const before = localStorage.getItem('hub_token')
    for (const text of ['', 'no token at all', 'a.b.c']) {
      await expect(session.signIn(text)).rejects.toMatchObject({ status: 401 })
    }
    expect(localStorage.getItem('hub_token')).toBe(before)
    expect(session.state).toBe('in')
  })
})
