import { describe, expect, it } from 'vitest'
import { claimsOf } from './claims'

const jwt = (claims: unknown): string => {
  const bytes = new TextEncoder().encode(JSON.stringify(claims))
  const text = btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  return `e30.${text}.x`
}

describe('what a token says of itself', () => {
  it('is read as UTF-8 from base64url', () => {
    expect(claimsOf(jwt({ sub: 'müller?>~', exp: 1_800_000_000 }))).toEqual({ subject: 'müller?>~', expiresAt: 1_800_000_000_000 })
    expect(claimsOf(jwt({ sub: 17 }))).toEqual({ subject: '17', expiresAt: null })
  })

  it('is nothing where there is no token', () => {
    for (const text of ['', 'a', 'a.b.c', 'a.!.c', jwt(null), jwt('x'), jwt({ exp: 'soon' })]) {
      expect(claimsOf(text)).toEqual({ subject: null, expiresAt: null })
    }
  })
})
