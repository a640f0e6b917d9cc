import { HUB_TOKEN } from './token'

/** Where a token came from, the one that counts first at the beginning. `given`: a person chose or pasted it here. */
export type Source = 'given' | 'fragment' | 'storage' | 'cookie'

/** A token that may be good. */
export interface Candidate {
  token: string
  source: Source
}

/** Marks the stored token as one that these pages have put there, by its last letters. */
const OURS = 'messenger.token'
const TAIL = 16

/** Storage can be switched off; the pages then know no more than the address and the cookie tell. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/**
 * The token in the address's fragment (`#hub_token=…`), which is taken out of the address and the history at once: an
 * address is copied, kept and shown. What else stands in the fragment stays.
 */
export function takeFragment(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const token = fragment.get(HUB_TOKEN)
  if (token === null) return null
  fragment.delete(HUB_TOKEN)
  const rest = fragment.toString()
  history.replaceState(history.state, '', location.pathname + location.search + (rest === '' ? '' : `#${rest}`))
  return token.trim() || null
}

/** The token that the hub, or `keep`, has put into this browser. */
export function storedToken(): string | null {
  return read(HUB_TOKEN)?.trim() || null
}

/** The token of the cookie, where the hub sets one that scripts may read. */
export function cookieToken(): string | null {
  for (const cookie of document.cookie.split(';')) {
    const [name, ...value] = cookie.split('=')
    if (name?.trim() !== HUB_TOKEN) continue
    const text = value.join('=').trim()
    try {
      return decodeURIComponent(text) || null
    } catch {
      return text || null
    }
  }
  return null
}

/** All there are, each once, the one that counts first at the beginning. */
export function candidates(fragment: string | null): Candidate[] {
  const found: [Source, string | null][] = [
    ['fragment', fragment],
    ['storage', storedToken()],
    ['cookie', cookieToken()],
  ]
  const seen = new Set<string>()
  const list: Candidate[] = []
  for (const [source, token] of found) {
    if (token === null || seen.has(token)) continue
    seen.add(token)
    list.push({ token, source })
  }
  return list
}

/**
 * Keeps a token for the next visit, and remembers that it was not the hub that did so. False where storage is switched off:
 * it then lasts as long as the page does.
 */
export function keep(token: string): boolean {
  try {
    localStorage.setItem(HUB_TOKEN, token)
    localStorage.setItem(OURS, token.slice(-TAIL))
    return true
  } catch {
    return false
  }
}

/** Removes the stored token if it is one of `keep`; what the hub has put there is the hub's. True when none is left. */
export function forget(): boolean {
  const stored = storedToken()
  if (stored !== null && read(OURS) === stored.slice(-TAIL)) localStorage.removeItem(HUB_TOKEN)
  if (read(OURS) !== null) localStorage.removeItem(OURS)
  return storedToken() === null && cookieToken() === null
}
