import { flushPromises, mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import en from '@/i18n/en/admin'
import common from '@/i18n/en/common'
import { toLocalInput } from './filters'
import ReplayDialog from './ReplayDialog.vue'

vi.mock('@/ui/UiDialog.vue', () => ({
  default: { props: ['open', 'title', 'description'], template: '<div v-if="open"><slot /><footer><slot name="actions" /></footer></div>' },
}))

it('asks for a time that has passed, an hour ago at first, and gives it as an instant', async () => {
  const act = vi.fn<(since: string) => Promise<void>>(() => Promise.resolve())
  const i18n = createI18n<false>({ legacy: false, locale: 'en', messages: { en: { admin: en, common } } })
  const shown = mount(ReplayDialog, { props: { open: false, act }, global: { plugins: [i18n] } })
  await shown.setProps({ open: true })
  const input = shown.get<HTMLInputElement>('input')
  const offered = Date.now() - new Date(input.element.value).getTime()
  expect(offered).toBeGreaterThanOrEqual(3_600_000)
  expect(offered).toBeLessThan(3_720_000)

  const go = async (): Promise<void> => {
    await shown.findAll('footer button').at(-1)?.trigger('click')
    await flushPromises()
  }
  for (const value of ['', toLocalInput(new Date(Date.now() + 3_600_000).toISOString())]) {
    await input.setValue(value)
    await go()
    expect(shown.text()).toContain(en.webhooks.sinceWrong)
  }
  expect(act).not.toHaveBeenCalled()
  await input.setValue('2026-01-31T12:00')
  await go()
  expect(act).toHaveBeenCalledWith(new Date('2026-01-31T12:00').toISOString())
  expect(shown.emitted('update:open')?.at(-1)).toEqual([false])
})
