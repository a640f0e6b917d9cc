import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { ApiError } from '@/api/errors'
import en from '@/i18n/en/admin'
import common from '@/i18n/en/common'
import OverviewPage from './OverviewPage.vue'

const adminGet = vi.hoisted(() => vi.fn<(parts: string[]) => Promise<unknown>>())
vi.mock('./api', () => ({ adminGet }))

const overview = { people: 4, rooms: 3, notifications_queued: 0, notifications_failed: 0, streams: 3, log_head: 99, version: '1.0' }
const stats = { connections: 12, users: 9, namespaces: { '/messaging': 8, '/': 4 }, streams: 3, rooms: 21 }

async function page(sockets: () => Promise<unknown>, more = {}) {
  adminGet.mockImplementation(([part]) => (part === 'overview' ? Promise.resolve({ ...overview, ...more }) : sockets()))
  const i18n = createI18n<false>({ legacy: false, locale: 'en', messages: { en: { admin: en, common } } })
  const shown = mount(OverviewPage, { global: { plugins: [i18n], stubs: { RouterLink: { template: '<a><slot /></a>' } } } })
  await flushPromises()
  return shown
}

beforeEach(() => {
  adminGet.mockReset()
})

it('counts the open sockets of each namespace, and the people they are of (contract C074)', async () => {
  const shown = await page(() => Promise.resolve(stats))
  expect(adminGet).toHaveBeenCalledWith(['websocket', 'stats'], {}, expect.anything())
  const sockets = shown.get(`[aria-label="${en.overview.sockets}"]`)
  expect(sockets.findAll('.card').map((card) => card.text())).toEqual(['People9', '/4', '/messaging8'])
})

it('is the same without them where they cannot be had', async () => {
  const shown = await page(() => Promise.reject(new ApiError(503, { error: 'unavailable' })))
  expect(shown.find(`[aria-label="${en.overview.sockets}"]`).exists()).toBe(false)
  expect(shown.find('[role=alert]').exists()).toBe(false)
  expect(shown.text()).toContain('Events so far')
})

it('calls webhooks that were switched off no part that is away', async () => {
  const database = { status: 'healthy', latency: 3 }
  const webhooks = { status: 'unhealthy', latency: 0, note: '1 switched off after failures' }
  const shown = await page(() => Promise.resolve(stats), { health: { status: 'degraded', checks: { database, identity: null, webhooks } } })
  expect(shown.get('[role=status]').text()).toContain('Webhooks')
  const [first, second, ...others] = shown.findAll('.parts > li').map((part) => part.text())
  expect(first).toContain('Answers in 3 ms')
  expect(second).toMatch(/^Webhooks.*Degraded.*1 switched off after failures$/)
  expect(second).not.toContain('Answers')
  expect(others).toEqual([])
})
