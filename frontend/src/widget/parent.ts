/** What the page around an iframe of `/widget` may tell it. */
export interface FromParent {
  type: 'messenger-token'
  /** `null`: nobody is signed in any more. */
  token: string | null
}

/**
 * The origin of the page around this one, as the browser says it; `null` where there is none or the browser keeps it to
 * itself. Which pages may be around at all, the service's `frame-ancestors` decides.
 */
export function parentOrigin(here: Pick<Location, 'ancestorOrigins'> | { ancestorOrigins?: undefined }, referrer: string): string | null {
  const named = here.ancestorOrigins?.[0] ?? originOf(referrer)
  return named === undefined || named === 'null' ? null : named
}

function originOf(text: string): string | undefined {
  try {
    return new URL(text).origin
  } catch {
    return undefined
  }
}

/** The message of an event, if it is one for the widget and comes from the page around it. */
export function fromParent(
  event: Pick<MessageEvent<unknown>, 'data' | 'origin' | 'source'>,
  parent: unknown,
  origin: string | null,
): FromParent | null {
  if (origin === null || event.origin !== origin || event.source !== parent) return null
  const { data } = event
  if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== 'messenger-token') return null
  const token = 'token' in data ? data.token : undefined
  return typeof token === 'string' || token === null ? { type: 'messenger-token', token } : null
}
