import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { createI18n } from 'vue-i18n'
import { createMemoryHistory, createRouter } from 'vue-router'
import en from '@/i18n/en/admin'
import common from '@/i18n/en/common'
import type { Delivery, Webhook } from './types'
import WebhookPage from './WebhookPage.vue'

const adminGet = vi.hoisted(() => vi.fn<(parts: string[], query: Record<string, unknown>) => Promise<unknown>>())
const adminDo = vi.hoisted(() => vi.fn<(method: string, parts: string[], body?: unknown) => Promise<unknown>>())
vi.mock('./api', () => ({ adminGet, adminDo }))
vi.mock('@/session/session', () => ({ useSession: () => ({ state: 'in', me: null }) }))

const at = '2026-01-31T12:00:00.000Z'
const webhook: Webhook = {
  id: 'w1',
  url: 'https://app.example.org/hooks',
  events: ['message.sent', 'room.painted'],
  description: '',
  active: true,
  created_by: 'anna',
  created_at: at,
  queued: 1,
  delivered: 1,
  dead: 1,
}
const delivery = (id: number, more: Partial<Delivery>): Delivery => ({
  id,
  type: 'message.sent',
  status: 'delivered',
  attempts: 1,
  created_at: at,
  event: { type: 'message.sent', data: { contentLength: 7 } },
  ...more,
})
let found: Webhook[]

async function page() {
  const nowhere = defineComponent(() => () => null)
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/webhooks', name: 'admin-webhooks', component: nowhere },
      { path: '/webhooks/:webhookId', name: 'admin-webhook', component: WebhookPage, props: true },
      { path: '/people/:hubUserId', name: 'admin-person', component: nowhere },
      { path: '/audit', name: 'admin-audit', component: nowhere },
    ],
  })
  await router.push('/webhooks/w1')
  const i18n = createI18n<false>({ legacy: false, locale: 'en', messages: { en: { admin: en, common } } })
  const shown = mount({ template: '<RouterView />' }, { global: { plugins: [i18n, router, createPinia()] } })
  await flushPromises()
  const press = async (words: string): Promise<void> => {
    await shown.findAll('button').find((one) => one.text() === words)?.trigger('click')
    await flushPromises()
  }
  const row = (text: string) => shown.findAll('tbody tr').find((one) => one.text().includes(text))
  return { shown, router, press, row }
}

beforeEach(() => {
  setActivePinia(createPinia())
  found = [webhook]
  const deliveries = [
    delivery(1, { response_status: 204, delivered_at: at }),
    delivery(2, { type: 'test.ping', status: 'queued', attempts: 2, response_status: 500, error: 'answered 500', next_attempt_at: at }),
    delivery(3, { type: 'message.read', status: 'dead', attempts: 8, error: 'no connection' }),
  ]
  adminGet.mockReset()
  adminGet.mockImplementation((parts) => Promise.resolve({ items: parts.length === 1 ? found : deliveries, next_cursor: null }))
  adminDo.mockReset()
  adminDo.mockResolvedValue(null)
})
afterEach(() => vi.useRealTimers())

it('shows what is told, each delivery with its answer, and tries again only what did not arrive', async () => {
  const { shown, press, row } = await page()
  expect(shown.text()).toContain('https://app.example.org/hooks')
  expect(shown.get('.card').text()).toContain('room.painted')
  expect(row('HTTP 204')?.text()).toContain('Delivered')
  expect(row('HTTP 500')?.text()).toContain('Trying again')
  expect(row('no connection')?.text()).toContain('Given up')

  await row('HTTP 204')?.get('button').trigger('click')
  expect(shown.get('pre').text()).toContain('"contentLength": 7')
  expect(shown.text()).not.toContain(en.webhooks.retry)
  await row('no connection')?.get('button').trigger('click')
  await press(en.webhooks.retry)
  expect(adminDo).toHaveBeenLastCalledWith('POST', ['webhooks', 'w1', 'deliveries', '3', 'retry'])
})

it('asks for the deliveries of one state', async () => {
  const { shown } = await page()
  await shown.get('select').setValue('dead')
  await flushPromises()
  expect(adminGet).toHaveBeenLastCalledWith(['webhooks', 'w1', 'deliveries'], expect.objectContaining({ status: 'dead' }), expect.anything())
})

it('sends a test, and switches off and on without asking', async () => {
  const { shown, press } = await page()
  await press(en.webhooks.test)
  expect(adminDo).toHaveBeenLastCalledWith('POST', ['webhooks', 'w1', 'test'])
  adminDo.mockResolvedValue({ ...webhook, active: false })
  await press(en.webhooks.turnOff)
  expect(adminDo).toHaveBeenLastCalledWith('PATCH', ['webhooks', 'w1'], { active: false })
  expect(shown.get('.card').text()).toContain('Switched off')
  await press(en.webhooks.turnOn)
  expect(adminDo).toHaveBeenLastCalledWith('PATCH', ['webhooks', 'w1'], { active: true })
})

it('says why the service switched it off, and looks again by itself', async () => {
  vi.useFakeTimers()
  const { shown } = await page()
  found = [{ ...webhook, active: false, off_reason: 'the endpoint answered 410 Gone' }]
  await vi.advanceTimersByTimeAsync(5_000)
  await flushPromises()
  expect(shown.get('.card').text()).toContain('the endpoint answered 410 Gone')
  const test = shown.findAll('button').find((one) => one.text() === en.webhooks.test)
  expect(test?.attributes('disabled')).toBeDefined()
})

it('says that it is gone when somebody else has deleted it', async () => {
  found = []
  const { shown } = await page()
  expect(shown.text()).toContain(common.errors.notFound)
  expect(shown.text()).not.toContain(en.webhooks.delete)
})
