import { flushPromises, mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { ApiError } from '@/api/errors'
import en from '@/i18n/en/admin'
import common from '@/i18n/en/common'
import type { Webhook, WebhookChange } from './types'
import WebhookDialog from './WebhookDialog.vue'

const who = vi.hoisted(() => ({ everyTenant: false }))
vi.mock('./who', () => ({ useWho: () => who }))
vi.mock('@/ui/UiDialog.vue', () => ({
  default: {
    props: ['open', 'title', 'description', 'wide'],
    template: '<div v-if="open"><h2>{{ title }}</h2><slot /><footer><slot name="actions" /></footer></div>',
  },
}))

function dialog(act: (change: WebhookChange) => Promise<unknown>, webhook: Webhook | null = null) {
  const i18n = createI18n<false>({ legacy: false, locale: 'en', messages: { en: { admin: en, common } } })
  const shown = mount(WebhookDialog, { props: { open: true, act, webhook }, global: { plugins: [i18n] } })
  const press = async (words: string): Promise<void> => {
    await shown.findAll('footer button').find((one) => one.text() === words)?.trigger('click')
    await flushPromises()
  }
  return { shown, press }
}

it('wants an address and an event, and says so only once somebody wanted to go on', async () => {
  who.everyTenant = false
  const act = vi.fn(() => Promise.resolve())
  const { shown, press } = dialog(act)
  expect(shown.text()).not.toContain(en.webhooks.urlMissing)
  await press('Create')
  expect(shown.text()).toContain(en.webhooks.urlMissing)
  const [url, description] = shown.findAll('input.input')
  await url?.setValue('app.example.org')
  for (const box of shown.findAll('input[type=checkbox]')) await box.setValue(false)
  expect(shown.text()).toContain(en.webhooks.urlWrong)
  expect(shown.text()).toContain(en.webhooks.eventsMissing)
  expect(act).not.toHaveBeenCalled()

  await url?.setValue('https://app.example.org')
  await shown.findAll('input[type=checkbox]')[1]?.setValue(true)
  await description?.setValue(' Lager ')
  await press('Create')
  expect(act).toHaveBeenCalledWith({ url: 'https://app.example.org', events: ['message.read'], description: 'Lager' })
  expect(shown.emitted('update:open')?.at(-1)).toEqual([false])
})

it('lets those who see every tenant name one, and stays open with the service’s words when it refuses', async () => {
  who.everyTenant = true
  const act = vi.fn(() => Promise.reject(new ApiError(422, { error: 'validation_error', message: 'url: 10.0.0.1 is a private address' })))
  const { shown, press } = dialog(act)
  const [url, , tenant] = shown.findAll('input.input')
  await url?.setValue('http://10.0.0.1')
  await tenant?.setValue('7')
  await press('Create')
  expect(act).toHaveBeenCalledWith(expect.objectContaining({ tenant_id: 7 }))
  expect(shown.get('[role=alert]').text()).toContain('url: 10.0.0.1 is a private address')
  expect(shown.emitted('update:open')).toBeUndefined()
})

it('changes what is there, and asks for no tenant then', async () => {
  who.everyTenant = true
  const act = vi.fn(() => Promise.resolve())
  const { shown, press } = dialog(act, {
    id: 'w1',
    url: 'https://a.example',
    events: ['message.sent'],
    description: 'A',
    active: true,
    created_by: 'anna',
    created_at: '2026-01-31T12:00:00.000Z',
    queued: 0,
    delivered: 0,
    dead: 0,
  })
  expect(shown.findAll('input.input')).toHaveLength(2)
  await shown.findAll('input[type=checkbox]')[2]?.setValue(true)
  await press('Save')
  expect(act).toHaveBeenCalledWith({ url: 'https://a.example', events: ['message.sent', 'conversation.created'], description: 'A' })
})
