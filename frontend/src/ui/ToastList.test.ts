import { enableAutoUnmount, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { createI18n } from 'vue-i18n'
import common from '@/i18n/en/common'
import ToastList from './ToastList.vue'
import { holdToasts, toast, toasts } from './toasts'

let field: HTMLInputElement
enableAutoUnmount(afterEach)

async function page() {
  const i18n = createI18n<false>({ legacy: false, locale: 'en', messages: { en: { common } } })
  const shown = mount(ToastList, { attachTo: document.body, global: { plugins: [i18n] } })
  await nextTick()
  return shown
}

beforeEach(() => {
  vi.useFakeTimers()
  toasts.value = []
  holdToasts(false)
  field = document.body.appendChild(document.createElement('input'))
})
afterEach(() => {
  vi.useRealTimers()
  document.body.replaceChildren()
})

it('shows them as long as the mouse is over one', async () => {
  toast({ title: 'a' })
  toast({ title: 'b' })
  const shown = await page()
  await shown.findAll('li')[1]?.trigger('pointerenter')
  vi.advanceTimersByTime(60_000)
  await nextTick()
  expect(shown.findAll('li')).toHaveLength(2)
  // The one below the mouse is closed: nothing tells that the mouse is no longer over it.
  await shown.findAll('button')[1]?.trigger('click')
  vi.advanceTimersByTime(6_000)
  await nextTick()
  expect(shown.findAll('li')).toHaveLength(0)
})

it('stays while the focus is in it; Escape closes it and gives the focus back', async () => {
  toast({ title: 'a' })
  const shown = await page()
  field.focus()
  shown.get('button').element.focus()
  await nextTick()
  vi.advanceTimersByTime(60_000)
  await nextTick()
  expect(shown.findAll('li')).toHaveLength(1)
  await shown.get('button').trigger('keydown', { key: 'Escape' })
  expect(shown.findAll('li')).toHaveLength(0)
  expect(document.activeElement).toBe(field)
})

it('goes once the focus has left it', async () => {
  toast({ title: 'a' })
  const shown = await page()
  shown.get('button').element.focus()
  await nextTick()
  vi.advanceTimersByTime(60_000)
  field.focus()
  await nextTick()
  vi.advanceTimersByTime(6_000)
  await nextTick()
  expect(shown.findAll('li')).toHaveLength(0)
})

it('does what there is to do, once, and is closed', async () => {
  const run = vi.fn()
  toast({ title: 'a', action: { label: 'Undo', run } })
  const shown = await page()
  await shown.get('button').trigger('click')
  expect(run).toHaveBeenCalledTimes(1)
  expect(shown.findAll('li')).toHaveLength(0)
})
