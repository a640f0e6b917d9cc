import { ApiError } from '@/api/errors'
import { adminGet } from './api'
import { tenantFrom } from './tenant'
import type { Delivery, Page, PublishedType, Webhook, WebhookChange } from './types'

/** What a webhook can be told, in the order in which it is offered. */
export const PUBLISHED: readonly PublishedType[] = ['message.sent', 'message.read', 'conversation.created']
/** The longest address and note. */
export const MOST_URL = 2_000
export const MOST_DESCRIPTION = 1_000

/** A webhook as somebody fills it in. */
export interface WebhookForm {
  url: string
  events: string[]
  description: string
  /** Only for those who see every tenant; empty is every tenant. */
  tenant: string
}

/** What the form begins with: a webhook that is there, or a new one that is told everything. */
export function formOf(webhook: Webhook | null): WebhookForm {
  if (webhook === null) return { url: '', events: [...PUBLISHED], description: '', tenant: '' }
  return { url: webhook.url, events: [...webhook.events], description: webhook.description, tenant: '' }
}

/** The types with one of them chosen or not. Types that these pages do not know stay. */
export const withType = (events: readonly string[], type: string, on: boolean): string[] =>
  on ? [...events.filter((one) => one !== type), type] : events.filter((one) => one !== type)

const isAddress = (text: string): boolean => {
  try {
    return ['https:', 'http:'].includes(new URL(text).protocol)
  } catch {
    return false
  }
}

/** What is wrong with a form: the key of the words, by field. */
export function faultsOf(form: WebhookForm): Partial<Record<'url' | 'events', string>> {
  const faults: Partial<Record<'url' | 'events', string>> = {}
  if (form.url.trim() === '') faults.url = 'admin.webhooks.urlMissing'
  else if (!isAddress(form.url.trim())) faults.url = 'admin.webhooks.urlWrong'
  if (form.events.length === 0) faults.events = 'admin.webhooks.eventsMissing'
  return faults
}

/** What the service is told. */
export function changeOf(form: WebhookForm): WebhookChange {
  const tenant = tenantFrom(form.tenant)
  return {
    url: form.url.trim(),
    events: form.events,
    description: form.description.trim(),
    ...(tenant === null ? {} : { tenant_id: tenant }),
  }
}

/** Whether it can be tried again: what arrived is not sent twice. */
export const canRetry = (delivery: Delivery): boolean => delivery.status !== 'delivered'

/** A webhook by its id. The API has them in a list, which is short. */
export async function webhookOf(id: string, signal: AbortSignal): Promise<Webhook> {
  let cursor: string | null = null
  do {
    const page: Page<Webhook> = await adminGet<Page<Webhook>>(['webhooks'], { limit: 200, cursor }, signal)
    const found = page.items.find((webhook) => webhook.id === id)
    if (found) return found
    cursor = page.next_cursor ?? null
  } while (cursor !== null)
  throw new ApiError(404, { error: 'not_found' })
}
