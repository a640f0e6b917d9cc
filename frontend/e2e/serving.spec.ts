import type { Page } from '@playwright/test'
import { expect, test } from './support/test'

/** One address of each kind. */
const PAGES = ['/', '/rooms/!no-such-room:hub.local', '/settings', '/admin', '/sso', '/widget']

/** Whatever the page shows, its script has shown something. */
async function started(page: Page): Promise<void> {
  await expect(page.locator('#app > *, #message:not(:empty), hub-messenger-widget').first()).toBeAttached()
}

for (const path of PAGES) {
  test(`${path} is the service's own, and asks nobody else`, async ({ hub, open }) => {
    const page = await open(await hub.person('Anna', 'admin'), '/')
    const answer = await page.request.get(path)
    expect(answer.status()).toBe(200)
    const headers = answer.headers()
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(headers['content-security-policy']).not.toContain('unsafe')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cache-control']).toBe(path === '/sso' ? 'no-store' : 'no-cache')
    const foreign: string[] = []
    page.on('request', (request) => {
      if (!/^(?:blob|data):/.test(request.url()) && new URL(request.url()).origin !== new URL(page.url()).origin) {
        foreign.push(request.url())
      }
    })
    await page.goto(path)
    await started(page)
    expect(foreign).toEqual([])
  })
}

test('what gets into a page does not run', async ({ page }) => {
  const refused = page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'))
  await page.goto('/')
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'document.documentElement.dataset.ran = "yes"'
    document.head.append(script)
  })
  await refused
  expect(await page.evaluate(() => document.documentElement.dataset['ran'])).toBeUndefined()
})

test('files with a hash are kept for ever and come packed; the page is asked for again', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), '/')
  await started(page)
  const loaded = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map((entry) => entry.name)
      .filter((name) => name.includes('/assets/')),
  )
  expect(loaded.length).toBeGreaterThan(0)
  for (const url of loaded) {
    const answer = await page.request.get(url, { headers: { 'Accept-Encoding': 'gzip, br' } })
    expect(answer.headers()['cache-control'], url).toBe('public, max-age=31536000, immutable')
    expect(answer.headers()['vary'], url).toContain('accept-encoding')
    if (Number(answer.headers()['content-length']) > 2_000) {
      expect(answer.headers()['content-encoding'], url).toBe('br')
    }
  }
  const first = await page.request.get('/')
  const again = await page.request.get('/', { headers: { 'If-None-Match': first.headers()['etag'] ?? '' } })
  expect(again.status()).toBe(304)
})

test('the first load of the chat is small and has nothing of the admin panel', async ({ hub, open }) => {
  const max = await hub.person('Max')
  const room = await hub.room('Frühschicht', [max])
  const page = await open(max, `/rooms/${encodeURIComponent(room.room_id)}`)
  await started(page)
  await page.waitForLoadState('load')
  const scripts = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((entry): entry is PerformanceResourceTiming => entry.name.endsWith('.js'))
      .map(({ name, encodedBodySize }) => ({ name, size: encodedBodySize })),
  )
  expect(scripts.length).toBeGreaterThan(0)
  const total = scripts.reduce((sum, { size }) => sum + size, 0)
  expect(total, JSON.stringify(scripts)).toBeLessThan(200 * 1024)
  expect(scripts.filter(({ name }) => /admin|uplot/i.test(name))).toEqual([])
})

test('what is not there is an error in the API and no page (contract R3)', async ({ request }) => {
  for (const path of ['/api/v1/nothing', '/assets/gone-00000000.js', '/nothing']) {
    const answer = await request.get(path)
    expect(answer.status(), path).toBe(404)
    expect(answer.headers()['content-type'], path).toContain('application/json')
  }
})
