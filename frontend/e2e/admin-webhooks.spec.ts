import type { Locator, Page } from '@playwright/test'
import { expectAccessible } from './support/axe'
import { Hub, type Person } from './support/hub'
import { Receiver, signatureOf } from './support/receiver'
import { openSocket } from './support/socket'
import { expect, test as base, viewports } from './support/test'

const test = base.extend<{ receiver: Receiver }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern
  receiver: async ({}, use) => {
    const receiver = await Receiver.open()
    await use(receiver)
    await receiver.close()
  },
})

interface Hook {
  id: string
  secret: string
}
const hooked = (hub: Hub, admin: Person, url: string, events: string[]): Promise<Hook> => hub.call(admin, 'POST', '/admin/webhooks', { url, events })
/** A delivery in the table, by what it tells. */
const delivery = (page: Page, text: string): Locator => page.getByRole('table', { name: 'Deliveries' }).getByRole('row').filter({ hasText: text })

test('a webhook is made, its secret is shown once, and it is told what is said, signed with it (contract R67)', async ({ hub, open, receiver }) => {
  const [max, ben] = [await hub.person('Max', 'admin'), await hub.person('Ben')]
  const room = await hub.room('Lager', [ben, max])
  const page = await open(max, '/admin/webhooks')
  await expect(page.getByText('No program is told anything yet.')).toBeVisible()
  await page.getByRole('button', { name: 'New webhook' }).click()
  const dialog = page.getByRole('dialog', { name: 'New webhook' })
  await dialog.getByRole('button', { name: 'Create' }).click()
  await expect(dialog).toContainText('The webhook needs an address.')
  await dialog.getByLabel('Address').fill('app.example.org')
  await expect(dialog).toContainText('An address that begins with')
  await expect(dialog.getByLabel('Tenant')).toHaveCount(0)
  await dialog.getByLabel('Address').fill(receiver.url)
  await dialog.getByLabel(/^Message read/).uncheck()
  await dialog.getByLabel('Note').fill('Für das Lager')
  await expectAccessible(page)
  await dialog.getByLabel('Note').press('Enter')
  const made = page.getByRole('dialog', { name: 'The secret of the webhook' })
  const secret = (await made.getByTestId('secret').textContent()) ?? ''
  expect(secret).toMatch(/^whsec_/)
  await made.getByRole('button', { name: 'Copy', exact: true }).click()
  await expect(made.getByRole('button', { name: 'Copied', exact: true })).toBeVisible()
  await expectAccessible(page)
  await made.getByRole('button', { name: 'I have copied it' }).click()
  await expect(page.getByText(secret)).toHaveCount(0)
  const row = page.getByRole('table').getByRole('row').filter({ hasText: receiver.url })
  await expect(row).toContainText('Active')

  const said = await hub.say(ben, room, 'Geheim sind die Schrauben')
  await expect.poll(() => receiver.of('message.sent').length).toBe(1)
  const [told] = receiver.of('message.sent')
  if (!told) throw new Error('nothing was told')
  expect(told.signature.split(' ')).toContain(signatureOf(secret, told))
  expect(JSON.parse(told.body)).toMatchObject({ data: { messageId: said.event_id, content: 'Geheim sind die Schrauben' } })

  // The list looks again by itself; what was written is for the receiver and not for admins.
  await expect(row).toContainText('1 delivered')
  await row.getByRole('link').click()
  const sent = delivery(page, 'Message sent')
  await expect(sent).toContainText('Delivered')
  await expect(sent).toContainText(/HTTP 204/)
  await sent.getByRole('button', { name: 'Message sent' }).press('Enter')
  await expect(page.locator('pre')).toContainText(said.event_id)
  await expect(page.locator('pre')).not.toContainText('Schrauben')
  await expectAccessible(page)
})

test('what was refused waits for another try, which an admin brings forward; a test and a replay are sent', async ({ hub, open, receiver }) => {
  const [max, ben] = [await hub.person('Max', 'admin'), await hub.person('Ben')]
  const room = await hub.room('Lager', [ben, max])
  const hook = await hooked(hub, max, receiver.url, ['message.sent'])
  receiver.status = 500
  await hub.say(ben, room, 'eins')
  await expect.poll(() => receiver.of('message.sent').length).toBeGreaterThan(1)

  const page = await open(max, `/admin/webhooks/${hook.id}`)
  const sent = delivery(page, 'Message sent')
  await expect(sent).toContainText('Trying again')
  await expect(sent).toContainText('HTTP 500')
  receiver.status = 204
  await sent.getByRole('button', { name: 'Message sent' }).click()
  await page.getByRole('button', { name: 'Try again now' }).click()
  await expect(sent).toContainText('Delivered')
  expect(new Set(receiver.of('message.sent').map(({ id }) => id)).size).toBe(1)

  await page.getByRole('button', { name: 'Send a test' }).click()
  await expect(delivery(page, 'Test')).toContainText('Delivered')
  expect(receiver.of('test.ping')).toHaveLength(1)
  await page.getByLabel('State').selectOption('Given up')
  await expect(page.getByText('Nothing matches these filters.')).toBeVisible()
  await expect(page).toHaveURL(/status=dead/)
  await page.getByRole('button', { name: 'Clear filters' }).click()

  const before = receiver.of('message.sent').length
  await page.getByRole('button', { name: 'Send again from …' }).click()
  const replay = page.getByRole('dialog', { name: 'Send everything again from a time?' })
  await expect(replay.getByLabel('From')).not.toHaveValue('')
  await expectAccessible(page)
  await replay.getByRole('button', { name: 'Send again' }).click()
  await expect(replay).toHaveCount(0)
  await expect.poll(() => receiver.of('message.sent').length).toBeGreaterThan(before)
})

test('an endpoint that is gone is switched off with the reason; an admin changes it, switches it on, and deletes it', async ({ hub, open, receiver }) => {
  const [max, ben] = [await hub.person('Max', 'admin'), await hub.person('Ben')]
  const room = await hub.room('Lager', [ben, max])
  const hook = await hooked(hub, max, receiver.url, ['message.sent'])
  receiver.status = 410
  await hub.say(ben, room, 'eins')
  const page = await open(max, `/admin/webhooks/${hook.id}`)
  const facts = page.locator('.card')
  await expect(facts).toContainText('Switched off')
  await expect(facts).toContainText('Why it is off')
  await expectAccessible(page)

  receiver.status = 204
  await page.getByRole('button', { name: 'Switch on' }).click()
  await expect(facts).toContainText('Active')
  await page.getByRole('button', { name: 'Change' }).click()
  const edit = page.getByRole('dialog', { name: 'Change the webhook' })
  await edit.getByLabel('Note').fill('wieder da')
  await edit.getByLabel(/^Conversation begun/).check()
  await edit.getByRole('button', { name: 'Save' }).click()
  await expect(facts).toContainText('wieder da')
  await expect(facts).toContainText('Conversation begun')
  await page.getByRole('button', { name: 'Switch off' }).click()
  await expect(facts).toContainText('Switched off')

  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog', { name: 'Delete this webhook?' }).getByRole('button', { name: 'Delete' }).click()
  await expect(page).toHaveURL('/admin/webhooks')
  await expect(page.getByText('No program is told anything yet.')).toBeVisible()
  await page.goto('/admin/audit?action=webhook.delete')
  await expect(page.getByRole('table').getByRole('row').filter({ hasText: 'Deleted a webhook' })).toBeVisible()
})

test('a tenant’s admin sees their own webhooks, a super admin those of all', async ({ hub, open, receiver }) => {
  const other = new Hub()
  const [max, lea, root] = [await hub.person('Max', 'admin'), await other.person('Lea', 'admin'), await hub.person('Root', 'super_admin')]
  const hook = await hooked(hub, max, receiver.url, ['message.read'])
  const elsewhere = await open(lea, '/admin/webhooks')
  await expect(elsewhere.getByText('No program is told anything yet.')).toBeVisible()
  await elsewhere.goto(`/admin/webhooks/${hook.id}`)
  await expect(elsewhere.getByRole('alert')).toContainText('This does not exist any more')

  const page = await open(root, '/admin/webhooks', { ...viewports.phone, language: 'de-DE', theme: 'dark' })
  const row = page.getByRole('row').filter({ hasText: receiver.url })
  await expect(row).toContainText(String(hub.tenant))
  await expectAccessible(page)
  await row.getByRole('link').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Webhook' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Test senden' })).toBeVisible()
  await expectAccessible(page)
})

test('the overview counts the open sockets of the tenant’s people by namespace (contract C074)', async ({ hub, open }) => {
  const [max, lea, ben] = [await hub.person('Max', 'admin'), await new Hub().person('Lea', 'admin'), await hub.person('Ben')]
  await openSocket(ben)
  const figures = (page: Page): Locator => page.getByRole('region', { name: 'Open sockets by namespace' }).locator('.card')
  await expect(figures(await open(max, '/admin'))).toHaveText([/^People\s*1$/, /^\/\s*0$/, /^\/messaging\s*1$/])
  await expect(figures(await open(lea, '/admin'))).toHaveText([/^People\s*0$/, /^\/\s*0$/, /^\/messaging\s*0$/])
})
