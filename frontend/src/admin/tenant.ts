import type { TenantId } from './types'

/** A tenant as somebody types it: an integer where it is one, else a text (contract R18). Null when it is empty. */
export function tenantFrom(text: string): TenantId | null {
  const typed = text.trim()
  if (typed === '') return null
  const number = Number(typed)
  return /^\d+$/.test(typed) && Number.isSafeInteger(number) && String(number) === typed ? number : typed
}
