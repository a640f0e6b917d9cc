/**
 * What a hub token says about itself. It is read for notices and comparisons only: whether it counts, the service decides.
 */
export interface Claims {
  /** The person's id. */
  subject: string | null
  /** When it ends, in milliseconds UTC. */
  expiresAt: number | null
}

/** The claims of a JWT; all `null` where it is none. */
export function claimsOf(token: string): Claims {
  const none: Claims = { subject: null, expiresAt: null }
  const part = token.split('.')[1]
  if (part === undefined) return none
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof claims !== 'object' || claims === null) return none
    const { sub, exp } = claims as Record<string, unknown>
    return {
      subject: typeof sub === 'string' || typeof sub === 'number' ? String(sub) : null,
      expiresAt: typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : null,
    }
  } catch {
    return none
  }
}
