import { flushPromises, mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import en from '@/i18n/en/admin'
import common from '@/i18n/en/common'
import PersonPicker from './PersonPicker.vue'

const people = ['Anna', 'Ben', 'Bert'].map((name) => ({ hub_user_id: name.toLowerCase(), display_name: name }))
const adminGet = vi.hoisted(() => vi.fn<(parts: string[], query: { q: string }) => Promise<unknown>>())
vi.mock('./api', () => ({ adminGet }))

function picker() {
  adminGet.mockImplementation((_, { q }) => Promise.resolve({ items: people.filter((one) => one.hub_user_id.includes(q)) }))
  const i18n = createI18n<false>({ legacy: false, locale: 'en', messages: { en: { admin: en, common } } })
  return mount(PersonPicker, { props: { modelValue: null, label: 'Writes' }, global: { plugins: [i18n] } })
}

it('shows people, and takes the one at the mark', async () => {
  const shown = picker()
  const input = shown.get('input')
  await input.trigger('focus')
  await flushPromises()
  expect(shown.findAll('[role=option]').map((one) => one.get('bdi').text())).toEqual(['Anna', 'Ben', 'Bert'])
  await input.trigger('keydown', { key: 'ArrowDown' })
  expect(shown.get('[aria-selected=true]').text()).toContain('Ben')
  await input.trigger('keydown', { key: 'Enter' })
  await flushPromises()
  expect(shown.emitted('update:modelValue')).toEqual([[people[1]]])
})

it('takes whom somebody typed, even when others are still shown', async () => {
  const shown = picker()
  const input = shown.get('input')
  await input.trigger('focus')
  await flushPromises()
  await input.setValue('bert')
  await input.trigger('keydown', { key: 'Enter' })
  await flushPromises()
  expect(shown.emitted('update:modelValue')).toEqual([[people[2]]])

  await input.setValue('nobody')
  await input.trigger('keydown', { key: 'Enter' })
  await flushPromises()
  expect(shown.emitted('update:modelValue')).toHaveLength(1)
})
