import { beforeEach, describe, expect, it, vi } from 'vitest'
import { canRetry, changeOf, faultsOf, formOf, webhookOf, withType } from './webhooks'
import type { Delivery, Webhook } from './types'

const adminGet = vi.hoisted(() => vi.fn<(parts: string[], query: Record<string, unknown>) => Promise<unknown>>())
vi.mock('./api', () => ({ adminGet }))

const webhook: Webhook = {
  id: 'w1',
  url: 'https://app.example.org/hooks',
  events: ['message.sent', 'room.painted'],
  description: '',
  active: true,
  created_by: 'anna',
  created_at: '2026-01-31T12:00:00.000Z',
  queued: 0,
  delivered: 0,
  dead: 0,
}

describe('a webhook as somebody fills it in (contract R67)', () => {
  it('begins with all events, or with what is there', () => {
    expect(formOf(null).events).toEqual(['message.sent', 'message.read', 'conversation.created'])
    expect(formOf(webhook)).toEqual({ url: webhook.url, events: webhook.events, description: '', tenant: '' })
  })

  it('keeps types that these pages do not know', () => {
    expect(withType(webhook.events, 'message.sent', false)).toEqual(['room.painted'])
    expect(withType(webhook.events, 'message.read', true)).toEqual(['message.sent', 'room.painted', 'message.read'])
    expect(withType(['message.read'], 'message.read', true)).toEqual(['message.read'])
  })

  it.each([
    ['', 'admin.webhooks.urlMissing'],
    ['   ', 'admin.webhooks.urlMissing'],
    ['app.example.org', 'admin.webhooks.urlWrong'],
    ['ftp://app.example.org', 'admin.webhooks.urlWrong'],
    ['javascript:alert(1)', 'admin.webhooks.urlWrong'],
    ['https://', 'admin.webhooks.urlWrong'],
    [' https://app.example.org/a?b=c ', undefined],
    ['http://10.0.0.1:8080', undefined],
  ])('an address such as "%s"', (url, fault) => {
    expect(faultsOf({ ...formOf(null), url }).url).toBe(fault)
  })

  it('wants at least one event', () => {
    expect(faultsOf({ ...formOf(webhook), events: [] })).toEqual({ events: 'admin.webhooks.eventsMissing' })
  })

  it('tells the service a tenant only where one was named', () => {
    const form = { ...formOf(null), url: ' https://a.example ', description: ' x ' }
    expect(changeOf(form)).toEqual({ url: 'https://a.example', events: form.events, description: 'x' })
    expect(changeOf({ ...form, tenant: ' 7 ' }).tenant_id).toBe(7)
    expect(changeOf({ ...form, tenant: 'org_2x' }).tenant_id).toBe('org_2x')
  })
})

describe('one webhook of the list', () => {
  beforeEach(() => {
    adminGet.mockReset()
    adminGet.mockImplementation((_, { cursor }) => Promise.resolve(cursor === 'b' ? { items: [webhook], next_cursor: null } : { items: [], next_cursor: 'b' }))
  })

  it('is looked for on all pages', async () => {
    await expect(webhookOf('w1', new AbortController().signal)).resolves.toBe(webhook)
    expect(adminGet).toHaveBeenCalledTimes(2)
  })

  it('does not exist when it is on none', async () => {
    await expect(webhookOf('w2', new AbortController().signal)).rejects.toMatchObject({ status: 404, code: 'not_found' })
  })
})

it('what arrived is not sent again', () => {
  const can = (status: Delivery['status']): boolean => canRetry({ status } as Delivery)
  expect([can('queued'), can('dead'), can('delivered')]).toEqual([true, true, false])
})
