import { send } from '@/api/client'

/** Values of a query; those that are empty are left out. */
export type Query = Record<string, string | number | null | undefined>

/** The address of a part of the admin API: `adminUrl(['users', id])`. Ids of any kind may stand in it. */
export function adminUrl(parts: readonly string[], query: Query = {}): string {
  const url = new URL(`/api/v1/admin/${parts.map(encodeURIComponent).join('/')}`, location.origin)
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, String(value))
  }
  return url.toString()
}

/** Reads. Throws an `ApiError` like every call. */
export async function adminGet<Body>(parts: readonly string[], query: Query = {}, signal?: AbortSignal): Promise<Body> {
  const response = await send(new Request(adminUrl(parts, query), signal ? { signal } : {}))
  return (await response.json()) as Body
}

/** Changes something. The answer is null where there is none. With a `key` the same call twice is one. */
export async function adminDo<Body = unknown>(
  method: 'POST' | 'PATCH' | 'DELETE',
  parts: readonly string[],
  body?: unknown,
  key?: string,
): Promise<Body | null> {
  const headers = new Headers()
  const init: RequestInit = { method, headers }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    headers.set('Content-Type', 'application/json')
  }
  if (key !== undefined) headers.set('Idempotency-Key', key)
  const response = await send(new Request(adminUrl(parts), init))
  const text = await response.text()
  return text === '' ? null : (JSON.parse(text) as Body)
}
