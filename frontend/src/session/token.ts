/** Where the hub puts the token of who is signed in there (contract A063). */
export const HUB_TOKEN = 'hub_token'

export type Refused = (token: string | null) => void

let token: string | null = null
let refused: Refused = () => undefined

/** The token that calls carry now. */
export function currentToken(): string | null {
  return token
}

/** Sets it. Only `session` does so. */
export function setToken(fresh: string | null): void {
  token = fresh
}

/** Tells who listens that the service refused this token. */
export function tokenRefused(which: string | null): void {
  refused(which)
}

/** `session` listens. */
export function onTokenRefused(listener: Refused): void {
  refused = listener
}
