import type { Page } from '@playwright/test'
import { expectAccessible } from './support/axe'
import type { Person } from './support/hub'
import { expect, test } from './support/test'
import { setting } from './support/settings'

/** Another application of the hub, at the same origin so that no operator has to allow it. */
async function application(page: Page, script: string): Promise<void> {
  await page.route('**/application', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="en"><head><title>Warehouse</title></head><body><main><h1>Warehouse</h1></main>${script}</body></html>`,
    }),
  )
  await page.goto('/application')
}

test('the page of the widget: what is unread and the newest notifications, as they come', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Lager', [anna, ben])
  await hub.say(ben, room, 'eins')
  const page = await open(anna, '/widget')
  await expect(page.getByRole('list', { name: 'Unread' }).getByRole('link', { name: /Lager/ })).toContainText('1')
  await hub.say(ben, room, 'zwei')
  await expect(page.getByRole('list', { name: 'Unread' }).getByRole('link', { name: /Lager/ })).toContainText('2')
  await hub.notify({ title: 'Regal 7 leer', body: 'bitte füllen', source_app: 'lager', priority: 'urgent', target_type: 'dm', target_user: anna.id })
  const notification = page.getByRole('list', { name: 'Notifications' }).getByRole('link', { name: /Regal 7 leer/ })
  await expect(notification).toContainText('bitte füllen')
  await expect(notification).toContainText('urgent')
  await expect(notification).toHaveAttribute('href', /\/rooms\/.+\/.+/)
  await expectAccessible(page)
})

test('a script in another application: a button that counts, and a panel that leads into the messenger', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Werkstor', [anna, ben])
  const page = await open(anna, '/settings')
  await application(page, '<script src="/widget.js" data-service=""></script>')
  const button = page.getByRole('button', { name: 'Messenger: nothing new' })
  await expect(button).toBeVisible()
  // It may tell first that there is nothing.
  const heard = await page.evaluateHandle(() => {
    const all: unknown[] = []
    addEventListener('messenger-unread', (event) => all.push((event as CustomEvent<unknown>).detail))
    return all
  })
  await hub.say(ben, room, 'hallo')
  await expect(page.getByRole('button', { name: 'Messenger: 1 unread message' })).toBeVisible()
  await expect.poll(() => heard.evaluate((all) => all.at(-1))).toEqual({ unread: 1, urgent: false })
  await page.getByRole('button', { name: 'Messenger: 1 unread message' }).click()
  const panel = page.getByRole('dialog', { name: 'Messenger' })
  const link = panel.getByRole('link', { name: /Werkstor/ })
  await expect(link).toHaveAttribute('href', `${new URL(setting('E2E_BASE_URL')).origin}/rooms/${encodeURIComponent(room.room_id)}`)
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  await expect(page.getByRole('button', { name: /^Messenger:/ })).toBeFocused()
  // Read elsewhere, it is no longer counted.
  const [last] = await hub.call<{ event_id: string }[]>(anna, 'GET', `/messages/history/${encodeURIComponent(room.room_id)}`)
  await hub.call(anna, 'POST', `/rooms/${encodeURIComponent(room.room_id)}/read`, { event_id: last?.event_id })
  await expect(page.getByRole('button', { name: 'Messenger: nothing new' })).toBeVisible()
})

test('nobody signed in is said, and noticed when it changes', async ({ hub, open }) => {
  const anna: Person = await hub.person('Anna')
  const page = await open(null, '/widget')
  await expect(page.getByText('Nobody is signed in at the hub.')).toBeVisible()
  await page.evaluate((token) => {
    localStorage.setItem('hub_token', token)
  }, anna.token)
  await expect(page.getByText('Nothing new. You have read everything.')).toBeVisible()
})

test('hostile titles are text in the widget, too', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  await hub.notify({ title: '<img src=x onerror="window.hacked=1">', body: '<script>window.hacked=1</script>', source_app: '<b>x</b>', target_type: 'dm', target_user: anna.id })
  const page = await open(anna, '/widget')
  await expect(page.getByText('<img src=x onerror="window.hacked=1">').first()).toBeVisible()
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
})

test('in German where it is asked for', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), '/widget?language=de&theme=dark')
  await expect(page.getByText('Nichts Neues. Du hast alles gelesen.')).toBeVisible()
})
