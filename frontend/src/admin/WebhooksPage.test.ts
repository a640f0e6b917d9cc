import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { createI18n } from 'vue-i18n'
import { createMemoryHistory, createRouter } from 'vue-router'
import { ApiError } from '@/api/errors'
import en from '@/i18n/en/admin'
import common from '@/i18n/en/common'
import type { Webhook } from './types'
import WebhooksPage from './WebhooksPage.vue'

const adminGet = vi.hoisted(() => vi.fn<() => Promise<unknown>>())
const adminDo = vi.hoisted(() => vi.fn<(method: string, parts: string[], body?: unknown) => Promise<unknown>>())
vi.mock('./api', () => ({ adminGet, adminDo }))
vi.mock('@/session/session', () => ({ useSession: () => ({ state: 'in', me: null }) }))
vi.mock('@/ui/UiDialog.vue', () => ({
  default: {
    props: ['open', 'title', 'description', 'wide'],
    template: '<div v-if="open" class="dialog"><h2>{{ title }}</h2><slot /><footer><slot name="actions" /></footer></div>',
  },
}))

const webhook: Webhook = {
  id: 'w1',
  url: 'https://app.example.org/hooks',
  events: ['message.sent'],
  description: 'Lager',
  active: false,
  off_reason: 'gone',
  created_by: 'anna',
  created_at: '2026-01-31T12:00:00.000Z',
  queued: 12,
  delivered: 3_456,
  dead: 7,
}

async function page() {
  const nowhere = defineComponent(() => () => null)
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/webhooks', name: 'admin-webhooks', component: WebhooksPage },
      { path: '/webhooks/:webhookId', name: 'admin-webhook', component: nowhere },
    ],
  })
  await router.push('/webhooks')
  const i18n = createI18n<false>({ legacy: false, locale: 'en', messages: { en: { admin: en, common } } })
  const shown = mount({ template: '<RouterView />' }, { global: { plugins: [i18n, router, createPinia()] } })
  await flushPromises()
  const press = async (words: string): Promise<void> => {
    await shown.findAll('button').find((one) => one.text() === words)?.trigger('click')
    await flushPromises()
  }
  return { shown, press }
}

beforeEach(() => {
  setActivePinia(createPinia())
  adminGet.mockReset()
  adminDo.mockReset()
})

it('lists the webhooks with their state and counts, each a link', async () => {
  adminGet.mockResolvedValue({ items: [webhook], next_cursor: null })
  const { shown } = await page()
  const row = shown.get('tbody tr')
  expect(row.get('a').attributes('href')).toBe('/webhooks/w1')
  expect(row.findAll('.value').map((cell) => cell.text())).toEqual(['Switched off', '3,456 delivered, 12 waiting7 given up', 'Message sent'])
})

it('shows the secret of a new one once', async () => {
  adminGet.mockResolvedValue({ items: [], next_cursor: null })
  adminDo.mockResolvedValue({ ...webhook, secret: 'whsec_abc' })
  const { shown, press } = await page()
  expect(shown.text()).toContain(en.webhooks.none)
  await press(en.webhooks.new)
  await shown.get('.dialog input').setValue('https://app.example.org/hooks')
  await press(en.webhooks.create)
  expect(adminDo).toHaveBeenCalledWith('POST', ['webhooks'], expect.objectContaining({ url: 'https://app.example.org/hooks' }))
  expect(shown.get('[data-testid=secret]').text()).toBe('whsec_abc')
  await press(en.secret.done)
  expect(shown.html()).not.toContain('whsec_abc')
})

it('says when the list cannot be had, and asks again', async () => {
  adminGet.mockRejectedValueOnce(new ApiError(503, { error: 'unavailable' }))
  adminGet.mockResolvedValue({ items: [webhook], next_cursor: null })
  const { shown, press } = await page()
  expect(shown.get('[role=alert]').text()).toContain(common.errors.away)
  await press(common.retry)
  expect(shown.text()).toContain('https://app.example.org/hooks')
})
