import { beforeEach, describe, expect, it } from 'vitest'
import { candidates, cookieToken, forget, keep, storedToken, takeFragment } from './sources'

beforeEach(() => {
  localStorage.clear()
  history.replaceState(null, '', '/rooms/x?a=1')
  document.cookie = 'hub_token=; max-age=0'
})

describe('where a token comes from (contract A063)', () => {
  it('is taken out of the address at once, and nothing else is', () => {
    history.replaceState({ position: 3 }, '', '/rooms/x?a=1#hub_token=abc.def-_&at=5')
    expect(takeFragment()).toBe('abc.def-_')
    expect(location.pathname + location.search + location.hash).toBe('/rooms/x?a=1#at=5')
    expect(history.state).toEqual({ position: 3 })
    expect(takeFragment()).toBeNull()
    expect(location.hash).toBe('#at=5')
  })

  it('leaves a fragment without a token as it is, and an empty token is none', () => {
    history.replaceState(null, '', '/#a%20b')
    expect(takeFragment()).toBeNull()
    expect(location.hash).toBe('#a%20b')
    history.replaceState(null, '', '/#hub_token=')
    expect(takeFragment()).toBeNull()
    expect(location.hash).toBe('')
  })

  it('reads the cookie of this name only', () => {
    document.cookie = 'not_hub_token=wrong'
    expect(cookieToken()).toBeNull()
    document.cookie = 'hub_token=a.b%3D.c'
    expect(cookieToken()).toBe('a.b=.c')
  })

  it('puts the address before storage and storage before the cookie, and each token once', () => {
    localStorage.setItem('hub_token', 'stored')
    document.cookie = 'hub_token=cookie'
    expect(candidates('fragment').map(({ token, source }) => `${source}:${token}`)).toEqual([
      'fragment:fragment',
      'storage:stored',
      'cookie:cookie',
    ])
    document.cookie = 'hub_token=stored'
    expect(candidates(null)).toEqual([{ token: 'stored', source: 'storage' }])
  })

  it('forgets what was kept here, and leaves what the hub has put there', () => {
    keep('header.claims.signature-of-ours')
    expect(storedToken()).toBe('header.claims.signature-of-ours')
    expect(forget()).toBe(true)
    expect(storedToken()).toBeNull()

    keep('header.claims.signature-of-ours')
    localStorage.setItem('hub_token', 'header.claims.another-one-of-the-hub')
    expect(forget()).toBe(false)
    expect(storedToken()).toBe('header.claims.another-one-of-the-hub')
  })
})
