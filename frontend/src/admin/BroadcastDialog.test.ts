import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import en from '@/i18n/en/admin'
import common from '@/i18n/en/common'
import BroadcastDialog from './BroadcastDialog.vue'

const adminGet = vi.hoisted(() => vi.fn<() => Promise<unknown>>())
vi.mock('./api', () => ({ adminGet }))
vi.mock('@/ui/UiDialog.vue', () => ({
  default: {
    props: ['open', 'title', 'description', 'wide'],
    template: '<div v-if="open"><h2>{{ title }}</h2><p class="about">{{ description }}</p><slot /><footer><slot name="actions" /></footer></div>',
  },
}))

async function dialog(act: () => Promise<unknown>) {
  const i18n = createI18n<false>({ legacy: false, locale: 'en', messages: { en: { admin: en, common } } })
  const shown = mount(BroadcastDialog, { props: { open: false, act }, global: { plugins: [i18n], stubs: { SafeText: true } } })
  await shown.setProps({ open: true })
  await flushPromises()
  const press = async (words: string): Promise<void> => {
    const button = shown.findAll('footer button').find((one) => one.text() === words)
    await button?.trigger('click')
    await flushPromises()
  }
  return { shown, press }
}

beforeEach(() => {
  adminGet.mockResolvedValue({ items: [{ tenant_id: 1 }, { tenant_id: 2 }], next_cursor: null })
})

it('wants title, text and tenants, says how far it goes, and only then sends', async () => {
  const act = vi.fn(() => Promise.resolve())
  const { shown, press } = await dialog(act)
  await press('Continue')
  expect(shown.text()).toContain(en.broadcasts.titleMissing)
  expect(shown.text()).toContain(en.broadcasts.bodyMissing)

  await shown.get('input').setValue(' Wartung ')
  await shown.get('textarea').setValue('Heute *Nacht*')
  await press('Continue')
  expect(shown.get('.about').text()).toContain('2 general rooms')
  await press('Back')
  await shown.findAll('input[type=radio]')[1]?.setValue()
  await press('Continue')
  expect(shown.text()).toContain(en.broadcasts.tenantsMissing)
  await shown.findAll('input[type=checkbox]')[1]?.setValue(true)
  await press('Continue')
  expect(shown.get('.about').text()).toContain('1 general room.')
  expect(act).not.toHaveBeenCalled()
  await press('Send')
  expect(act).toHaveBeenCalledWith({ title: 'Wartung', body: 'Heute *Nacht*', tenants: [2] }, expect.any(String))
  expect(shown.emitted('update:open')?.at(-1)).toEqual([false])
})

it('goes to all where nothing else was chosen, also when the tenants are not known; a refusal stays', async () => {
  adminGet.mockRejectedValue(new Error('away'))
  const act = vi.fn(() => Promise.reject(new Error('no')))
  const { shown, press } = await dialog(act)
  await shown.get('input').setValue('t')
  await shown.get('textarea').setValue('b')
  await press('Continue')
  expect(shown.get('.about').text()).toBe(en.broadcasts.intoAll)
  await press('Send')
  expect(act).toHaveBeenCalledWith({ title: 't', body: 'b' }, expect.any(String))
  expect(shown.text()).toContain(common.errors.unknown)
  expect(shown.get('input').element.value).toBe('t')
  // Once more is not twice; something else is.
  const keys = (): unknown[] => act.mock.calls.map((call: unknown[]) => call[1])
  await press('Continue')
  await press('Send')
  await shown.get('textarea').setValue('c')
  await press('Continue')
  await press('Send')
  expect(keys()[1]).toBe(keys()[0])
  expect(keys()[2]).not.toBe(keys()[0])
})
