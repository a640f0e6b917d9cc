import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { Chat, roomPath } from './support/chat'
import { signInClient, whoAmI } from './support/gateway'
import { Hub, type Person } from './support/hub'
import { expect, test, viewports } from './support/test'
import { setting } from './support/settings'

/** The row of a list that has this text in it. */
const row = (page: Page, text: string | RegExp): Locator => page.getByRole('table').getByRole('row').filter({ hasText: text })

/** What is unfolded below a row, by what its button says. */
async function unfold(page: Page, text: string): Promise<Locator> {
  const button = page.getByRole('table').getByRole('button', { name: text })
  await button.click()
  await expect(button).toHaveAttribute('aria-expanded', 'true')
  return page.locator('tr.more')
}

/** A notification that waits: for somebody who has never been here. */
async function waiting(hub: Hub, title: string, more: Record<string, unknown> = {}): Promise<{ id: number }> {
  return hub.notify({ title, target_type: 'dm', target_user: `niemand-${String(hub.tenant)}`, ...more })
}

async function csvOf(page: Page): Promise<{ name: string; lines: string[] }> {
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV' }).click()
  const file = await download
  return { name: file.suggestedFilename(), lines: (await readFile(await file.path(), 'utf8')).trim().split('\r\n') }
}

test('who is no admin is told so kindly, and finds back', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  for (const path of ['/admin', '/admin/people', '/admin/audit']) {
    const page = await open(anna, path)
    await expect(page.getByRole('heading', { name: 'This part is for admins' })).toBeVisible()
    await expect(page.getByRole('navigation', { name: 'Admin panel' })).toHaveCount(0)
    await page.getByRole('link', { name: 'Back to the chat' }).click()
    await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible()
  }
  const page = await open(anna, '/')
  await page.getByRole('button', { name: /^Anna: settings/ }).click()
  await expect(page.getByRole('menuitem', { name: 'Settings' })).toBeVisible()
  await expect(page.getByRole('menuitem', { name: 'Admin panel' })).toHaveCount(0)
})

test('the overview says how all parts are, and how much there is of everything', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  const ben = await hub.person('Ben')
  const room = await hub.room('Zahlen', [max, ben])
  await hub.say(ben, room, 'eins')
  await waiting(hub, 'wartet')
  const page = await open(max, '/')
  await page.getByRole('button', { name: /^Max: settings/ }).click()
  await page.getByRole('menuitem', { name: 'Admin panel' }).click()
  await expect(page).toHaveURL('/admin')
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  const health = page.getByRole('region', { name: 'Health' })
  for (const part of ['Database', 'Homeserver']) await expect(health.getByRole('listitem').filter({ hasText: part })).toContainText('Healthy')
  const numbers = page.getByRole('region', { name: 'In numbers' })
  await expect(numbers).toContainText(/People\s*2/)
  await expect(page.getByRole('region', { name: 'Notification queue' })).toContainText(/Waiting\s*1/)
  const hours = page.getByRole('region', { name: 'The last 48 hours' })
  await expect(hours.getByText('As a table').first()).toBeVisible()
  await expect(hours.locator('canvas')).toHaveCount(2)
  await expect(page.getByRole('region', { name: 'Versions' })).toContainText(/\d+\.\d+\.\d+/)
})

test('people are found, and one is deactivated and let in again: they notice at once (contract B021)', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  const ben = await hub.person('Ben Becker')
  await hub.person('Cem')
  const room = await hub.room('Alle', [max, ben])
  const chat = new Chat(await open(ben, roomPath(room)))
  await chat.live()
  const page = await open(max, '/admin/people')
  await expect(row(page, 'Cem')).toBeVisible()
  await page.getByRole('searchbox', { name: 'Search' }).fill('becker')
  await expect(page).toHaveURL(/[?&]q=becker/)
  await expect(row(page, 'Cem')).toHaveCount(0)
  await row(page, 'Ben Becker').getByRole('link').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Ben Becker' })).toBeVisible()

  await page.getByRole('button', { name: 'Deactivate' }).click()
  const ask = page.getByRole('dialog', { name: /^Deactivate/ })
  await ask.getByLabel('Reason').fill('hat gekündigt')
  await ask.getByRole('button', { name: 'Deactivate' }).click()
  await expect(page.getByRole('button', { name: 'Reactivate' }).first()).toBeVisible()
  // It reaches the open page without doing anything there.
  await expect(chat.page.getByRole('alert').filter({ hasText: 'You cannot use the messenger' })).toBeVisible()
  await chat.page.reload()
  await expect(chat.page.getByRole('heading', { name: 'You cannot use the messenger' })).toBeVisible()

  await page.getByRole('main').getByRole('button', { name: 'Reactivate' }).click()
  await expect(page.getByRole('button', { name: 'Deactivate' })).toBeVisible()
  await chat.page.getByRole('button', { name: 'Try again' }).click()
  await chat.say('wieder da')
  await expect(chat.message('wieder da')).not.toContainText('Is being sent')

  await page.getByRole('link', { name: 'What admins changed here' }).click()
  await expect(row(page, 'Reactivated a person')).toHaveCount(1)
  await expect(row(page, 'Deactivated a person')).toHaveCount(1)
  await expect(await unfold(page, 'Deactivated a person')).toContainText('hat gekündigt')
})

test('an admin keeps a note on a person', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  const ben = await hub.person('Ben')
  const page = await open(max, `/admin/people/${ben.id}`)
  await page.getByLabel('Note').fill('Schicht B')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('The note is saved')).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Note')).toHaveValue('Schicht B')
})

test('nobody deactivates themselves', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  const page = await open(max, `/admin/people/${max.id}`)
  await expect(page.getByRole('heading', { level: 1, name: 'Max' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'External clients' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Deactivate' })).toHaveCount(0)
})

test('a room is archived and restored: nobody writes in between', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  const ben = await hub.person('Ben')
  const room = await hub.room('Altes Projekt', [max, ben])
  await hub.say(ben, room, 'geheimer Inhalt')
  const chat = new Chat(await open(ben, roomPath(room)))
  await chat.live()
  const page = await open(max, '/admin/rooms?q=projekt')
  await row(page, 'Altes Projekt').getByRole('link').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Altes Projekt' })).toBeVisible()
  // What is written in a room is nobody's business here.
  await expect(page.getByText('geheimer Inhalt')).toHaveCount(0)
  await expect(row(page, 'Ben')).toBeVisible()
  await page.getByRole('button', { name: 'Archive', exact: true }).click()
  await page.getByRole('dialog', { name: /^Archive/ }).getByRole('button', { name: 'Archive' }).click()
  await expect(page.getByRole('main').getByRole('button', { name: 'Restore' }).first()).toBeVisible()
  await expect(chat.room('Altes Projekt')).toHaveCount(0)
  await expect(chat.composer).toHaveCount(0)

  await page.getByRole('main').getByRole('button', { name: 'Restore' }).first().click()
  await expect(page.getByRole('button', { name: 'Archive', exact: true })).toBeVisible()
  await expect(chat.room('Altes Projekt')).toBeVisible()
  await chat.room('Altes Projekt').click()
  await chat.say('weiter')
  await expect(chat.message('weiter')).not.toContainText('Is being sent')
})

test('notifications: filters are the address, back takes the last one away', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  await waiting(hub, 'Waage defekt', { source_app: 'lager', priority: 'urgent' })
  await waiting(hub, 'Tinte leer', { source_app: 'druck' })
  await hub.notify({ title: 'Angekommen', target_type: 'dm', target_user: max.id })
  const page = await open(max, '/admin/notifications')
  await expect(row(page, /Waage defekt|Tinte leer|Angekommen/)).toHaveCount(3)
  await page.getByLabel('State').selectOption('Waiting')
  await expect(row(page, /Waage defekt|Tinte leer/)).toHaveCount(2)
  await expect(row(page, 'Angekommen')).toHaveCount(0)
  await expect(page).toHaveURL(/status=queued/)
  await page.getByLabel('Priority').selectOption('Urgent')
  await expect(row(page, 'Tinte leer')).toHaveCount(0)
  await expect(row(page, 'Waage defekt')).toHaveCount(1)
  await page.reload()
  await expect(row(page, 'Waage defekt')).toHaveCount(1)
  await expect(row(page, 'Tinte leer')).toHaveCount(0)
  await page.goBack()
  await expect(row(page, 'Tinte leer')).toHaveCount(1)
  await expect(page.getByLabel('Priority')).toHaveValue('')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await expect(row(page, 'Angekommen')).toHaveCount(1)
  await page.getByRole('searchbox', { name: 'Search' }).fill('gibt es nicht')
  await expect(page.getByText('Nothing matches these filters.')).toBeVisible()
})

test('a notification that waits is tried again and withdrawn; the Matrix event of one that arrived leads to the chat', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  await waiting(hub, 'Für niemanden')
  await hub.notify({ title: 'Für Max', target_type: 'dm', target_user: max.id })
  const page = await open(max, '/admin/notifications')
  await expect(row(page, 'Für niemanden')).toContainText('Waiting')
  let more = await unfold(page, 'Für niemanden')
  await expect(more).toContainText('Waits until this person signs in for the first time')
  await more.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('Due now')).toBeVisible()
  await more.getByRole('button', { name: 'Withdraw' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('1 of 1 done')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
  await expect(row(page, 'Für niemanden').first()).toContainText('Cancelled')
  await page.getByRole('table').getByRole('button', { name: 'Für niemanden' }).click()

  more = await unfold(page, 'Für Max')
  await more.getByRole('link', { name: /^\$/ }).click()
  await expect(new Chat(page).message('Für Max')).toBeInViewport()
})

test('several that wait are withdrawn at once', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  for (const title of ['eins', 'zwei', 'drei']) await waiting(hub, `Stapel ${title}`)
  const page = await open(max, '/admin/notifications')
  await expect(row(page, 'Stapel')).toHaveCount(3)
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
  await page.getByRole('checkbox', { name: /^Select: .*Stapel zwei/ }).uncheck()
  await page.getByRole('button', { name: 'Withdraw (2)' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('2 of 2 done')
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
  await expect(row(page, 'Cancelled')).toHaveCount(2)
  await expect(row(page, 'Stapel zwei')).toContainText('Waiting')
})

test('a service token is shown once, works, says when it was used, and is revoked', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  const page = await open(max, '/admin/service-tokens')
  await page.getByRole('button', { name: 'New service token' }).click()
  const dialog = page.getByRole('dialog', { name: 'New service token' })
  await expect(dialog.getByRole('button', { name: 'Create' })).toBeDisabled()
  await dialog.getByLabel('Name').fill('Lagerverwaltung')
  await dialog.getByRole('button', { name: 'Create' }).click()
  const shown = page.getByRole('dialog', { name: /Lagerverwaltung/ })
  const token = await shown.getByTestId('secret').innerText()
  await shown.getByRole('button', { name: 'I have copied it' }).click()
  await expect(page.getByText(token)).toHaveCount(0)
  await expect(row(page, 'Lagerverwaltung')).toContainText('never')

  const send = async (): Promise<number> =>
    (
      await fetch(`${setting('E2E_BASE_URL')}/api/v1/notifications/send`, {
        method: 'POST',
        headers: { 'X-Service-Token': token, 'Content-Type': 'application/json' },
        body: JSON.stringify({ source_app: 'lager', event_type: 'notification', title: 'Probe', tenant_id: hub.tenant, target_type: 'dm', target_user: max.id }),
      })
    ).status
  expect(await send()).toBeLessThan(300)
  await page.reload()
  await expect(row(page, 'Lagerverwaltung')).toBeVisible()
  await expect(page.getByText(token)).toHaveCount(0)
  await expect(async () => {
    await page.getByRole('button', { name: 'Refresh' }).click()
    await expect(row(page, 'Lagerverwaltung')).not.toContainText('never', { timeout: 1_000 })
  }).toPass({ timeout: 20_000 })

  await page.getByRole('button', { name: /^Revoke: .*Lagerverwaltung/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(row(page, 'Lagerverwaltung')).toContainText('Revoked')
  await expect.poll(send, { timeout: 15_000 }).toBe(401)

  await page.getByRole('link', { name: 'Audit log' }).click()
  await expect(row(page, 'Made a service token')).toHaveCount(1)
  await expect(row(page, 'Revoked a service token')).toHaveCount(1)
  await page.getByRole('table').getByRole('button', { name: 'Made a service token' }).click()
  await expect(page.getByText(token)).toHaveCount(0)
})

test('a list is saved as CSV, whole and as it is filtered, and a cell is no formula', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  await hub.person('Ben')
  await hub.room('=1+1', [max])
  await hub.room('Zweiter, mit "Komma"', [max])
  const page = await open(max, '/admin/rooms')
  await expect(row(page, '=1+1')).toBeVisible()
  const rooms = await csvOf(page)
  expect(rooms.name).toMatch(/rooms.*\.csv$/)
  expect(rooms.lines[0]).toContain('room_id')
  expect(rooms.lines.some((line) => line.includes("'=1+1"))).toBe(true)
  expect(rooms.lines.some((line) => line.includes('"Zweiter, mit ""Komma"""'))).toBe(true)
  await page.goto('/admin/people?q=Ben')
  await expect(row(page, 'Ben')).toBeVisible()
  const people = await csvOf(page)
  expect(people.lines.length).toBe(2)
  expect(people.lines[1]).toContain('Ben')
})

test('long lists come in pages, and the address leads to the same one', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  for (let n = 1; n <= 60; n += 1) await waiting(hub, `Seite ${String(n).padStart(2, '0')}`)
  const page = await open(max, '/admin/notifications')
  const next = page.getByRole('button', { name: 'Next' })
  await expect(row(page, 'Seite 60')).toBeVisible()
  await expect(row(page, 'Seite 01')).toHaveCount(0)
  await next.click()
  await expect(row(page, 'Seite 60')).toHaveCount(0)
  await expect(row(page, 'Seite 01')).toHaveCount(1)
  await page.reload()
  await expect(row(page, 'Seite 01')).toHaveCount(1)
  await page.goBack()
  await expect(row(page, 'Seite 60')).toHaveCount(1)
})

test('an admin sees the tenant, a super admin all', async ({ hub, open }) => {
  const stranger = await new Hub().person('Fremde')
  const max = await hub.person('Max', 'admin')
  const root = await hub.person('Root', 'super_admin')
  const search = async (person: Person): Promise<Page> => open(person, `/admin/people?q=${stranger.id}`)
  const [asAdmin, asRoot] = [await search(max), await search(root)]
  await expect(asAdmin.getByText('Nothing matches these filters.')).toBeVisible()
  await expect(row(asRoot, stranger.id)).toHaveCount(1)
  await expect(asRoot.getByLabel('Tenant')).toBeVisible()
  await expect(asAdmin.getByLabel('Tenant')).toHaveCount(0)
  await asAdmin.goto(`/admin/people/${stranger.id}`)
  await expect(asAdmin.getByRole('alert')).toContainText('This does not exist any more, or you may not see it.')
})

test('external sessions are seen and ended by an admin', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  const ben = await hub.person('Ben')
  const made = await hub.call<{ matrix_user_id: string; app_password: string }>(ben, 'POST', '/users/me/external-client', { device_name: 'Bens Telefon' })
  const phone = await signInClient(made.matrix_user_id, made.app_password, 'Bens Telefon')
  expect(phone.status).toBe(200)
  const page = await open(max, '/admin/sessions')
  await page.getByRole('button', { name: /^Sign out: .*Bens Telefon/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await expect.poll(() => whoAmI(phone.token)).toBe(401)
})

test('a service that is away is said in words, with a way on', async ({ hub, open }) => {
  const page = await open(await hub.person('Max', 'admin'), '/settings')
  const calls = '**/api/v1/admin/users**'
  await page.route(calls, (route) => route.fulfill({ status: 503, json: { error: 'unavailable', message: 'x', detail: 'x', details: null } }))
  await page.goto('/admin/people')
  await expect(page.getByRole('alert')).toContainText('A part of the messenger is away at the moment.')
  await page.unroute(calls)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(row(page, 'Max')).toBeVisible()
})

test('on a phone the rows are cards, and nothing is lost', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  const page = await open(max, '/admin/people', viewports.phone)
  await expect(row(page, 'Max')).toContainText('Admin')
  await row(page, 'Max').getByRole('link').tap()
  await expect(page.getByRole('heading', { level: 1, name: 'Max' })).toBeVisible()
})
