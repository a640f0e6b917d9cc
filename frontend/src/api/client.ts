import createClient from 'openapi-fetch'
import { currentToken, tokenRefused } from '@/session/token'
import { ApiError } from './errors'
import type { paths } from './schema'

/** The error of an answer that was none of the good ones. */
export async function errorOf(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get('Retry-After'))
  const wait = response.headers.has('Retry-After') && Number.isFinite(seconds) ? seconds * 1000 : null
  let body: unknown
  try {
    body = await response.json()
  } catch {
    body = null
  }
  return new ApiError(response.status, (body ?? {}) as Record<string, string>, wait)
}

/** `fetch` with the token; throws an `ApiError` for everything but a good answer. */
export async function send(request: Request): Promise<Response> {
  const token = currentToken()
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`)
  let response: Response
  try {
    response = await fetch(request)
  } catch (cause) {
    if (request.signal.aborted) throw cause
    throw new ApiError(0, {})
  }
  if (response.ok) return response
  const error = await errorOf(response)
  if (error.status === 401) tokenRefused(token)
  throw error
}

/**
 * The API, typed from its own description. Every call throws an `ApiError` when it is refused or nobody answers, so `data`
 * is what the description says: `(await api.GET('/api/v1/users/me')).data`.
 */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: send })
