import { mount, type VueWrapper } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { createRouter, createMemoryHistory, type Router } from 'vue-router'
import chat from '@/i18n/en/chat'
import SafeText from './SafeText.vue'

let router: Router
beforeEach(() => {
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: { template: '<div/>' } }] })
})

function show(props: { id: string; text: string }): VueWrapper {
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en: { chat } } })
  return mount(SafeText, { props, global: { plugins: [i18n, router] }, attachTo: document.body })
}

describe('a text', () => {
  it('shows HTML as what it is: text', () => {
    const alert = vi.fn()
    vi.stubGlobal('alert', alert)
    const view = show({ id: 'a', text: '<img src=x onerror=alert(1)><script>alert(2)</script>[x](javascript:alert(3))' })
    expect(view.find('img, script, a').exists()).toBe(false)
    expect(view.text()).toContain('<img src=x onerror=alert(1)>')
    expect(alert).not.toHaveBeenCalled()
  })

  it('keeps what turns its direction inside', () => {
    expect(show({ id: 'b', text: '\u202Eabc' }).find('.marks').attributes('dir')).toBe('auto')
  })

  it('of no width says so', () => {
    expect(show({ id: 'c', text: '\u200b\u200d' }).text()).toBe(chat.emptyText)
  })

  it('that is long is folded, and stays unfolded when it comes back', async () => {
    const long = { id: 'd', text: 'word '.repeat(4_000) }
    const view = show(long)
    const button = view.get('button')
    expect(view.find('.folded').exists()).toBe(true)
    expect(button.attributes('aria-expanded')).toBe('false')
    await button.trigger('click')
    expect(view.find('.folded').exists()).toBe(false)
    view.unmount()
    expect(show(long).find('.folded').exists()).toBe(false)
    expect(show({ ...long, id: 'another' }).find('.folded').exists()).toBe(true)
  })

  it('with a link to a message opens it in these pages, and one to elsewhere does not', async () => {
    const push = vi.spyOn(router, 'push')
    const view = show({ id: 'e', text: `${location.origin}/rooms/!a:b/$c and https://example.org/rooms/x` })
    // Nothing is to be loaded by this test.
    document.addEventListener('click', (event) => event.preventDefault())
    const [here, elsewhere] = view.findAll('a')
    await here?.trigger('click')
    expect(push).toHaveBeenCalledWith('/rooms/!a:b/$c')
    await elsewhere?.trigger('click')
    expect(push).toHaveBeenCalledTimes(1)
  })
})
