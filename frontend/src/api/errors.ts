import type { ErrorBody } from './schema'

/** What went wrong with a call, in a form that can be shown and decided on. */
export class ApiError extends Error {
  /** HTTP status; 0 when the service was not reached at all. */
  readonly status: number
  /** The service's stable code, such as `not_found`; `offline` when it was not reached. */
  readonly code: string
  /** The field that was refused, where the service named one. */
  readonly details: Record<string, unknown>
  /** How long to wait before the next try, in milliseconds, where the service said so. */
  readonly retryAfterMs: number | null

  constructor(
    status: number,
    body: Partial<Pick<ErrorBody, 'error' | 'message'>> & { details?: unknown },
    retryAfterMs: number | null = null,
  ) {
    super(body.message ?? '')
    this.status = status
    this.code = status === 0 ? 'offline' : (body.error ?? 'internal')
    this.details = typeof body.details === 'object' && body.details !== null ? (body.details as Record<string, unknown>) : {}
    this.retryAfterMs = retryAfterMs
  }

  /** Whether an admin has deactivated the account: another sign-in does not help. The service has no code of its own for it. */
  get deactivated(): boolean {
    return this.status === 401 && this.message === 'this account is deactivated'
  }

  /** Whether the same call may succeed later: nobody answered, too many calls, or a part was away. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** The key of the words for an error; `common.errors.*` has one for each. */
export function errorKey(error: unknown): string {
  if (!(error instanceof ApiError)) return 'common.errors.unknown'
  if (error.status === 0) return 'common.errors.offline'
  if (error.status === 401) return 'common.errors.signedOut'
  if (error.status === 403) return 'common.errors.forbidden'
  if (error.status === 404) return 'common.errors.notFound'
  if (error.status === 409) return 'common.errors.conflict'
  if (error.status === 413) return 'common.errors.tooLarge'
  if (error.status === 422) return 'common.errors.invalid'
  if (error.status === 429) return 'common.errors.tooMany'
  if (error.status === 503) return 'common.errors.away'
  return 'common.errors.unknown'
}
