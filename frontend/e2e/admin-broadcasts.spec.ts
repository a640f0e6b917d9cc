import { Chat } from './support/chat'
import { expectAccessible } from './support/axe'
import { expect, test, viewports } from './support/test'

test('an announcement goes into the general room of a chosen tenant, and its progress is shown (contract R37)', async ({ hub, open }) => {
  const root = await hub.person('Root', 'super_admin')
  const ben = await hub.person('Ben')
  const chat = new Chat(await open(ben, '/'))
  await expect(chat.rooms.getByRole('link').first()).toBeVisible()
  const title = `Wartung ${String(hub.tenant)}`

  const page = await open(root, '/admin/broadcasts')
  await page.getByRole('button', { name: 'New announcement' }).click()
  const dialog = page.getByRole('dialog', { name: 'New announcement' })
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await expect(dialog).toContainText('The announcement needs a title.')
  await expect(dialog).toContainText('The announcement needs a text.')
  await dialog.getByLabel('Title').fill(title)
  await dialog.getByLabel('Text').fill('Von **20 bis 22 Uhr**.\n\n<img src=x onerror=alert(1)>')
  await expect(dialog.getByRole('region', { name: 'Preview' }).locator('strong')).toHaveText('20 bis 22 Uhr')
  await expect(dialog.locator('img')).toHaveCount(0)
  await dialog.getByLabel('Some tenants').check()
  await dialog.getByRole('button', { name: 'Continue' }).click()
  await expect(dialog).toContainText('Choose at least one tenant.')
  await dialog.getByLabel(String(hub.tenant), { exact: true }).check()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Continue' }).click()
  const sure = page.getByRole('dialog', { name: 'Send this announcement?' })
  await expect(sure).toContainText('It goes into 1 general room.')
  await sure.getByRole('button', { name: 'Send' }).click()
  await expect(sure).toHaveCount(0)

  const sent = page.getByRole('table').getByRole('row').filter({ hasText: title })
  await expect(sent).toContainText('1 of 1 rooms')
  await expect(sent).toContainText('Delivered')
  await expectAccessible(page)
  await chat.rooms.getByRole('link').first().click()
  await expect(chat.message(title)).toContainText('20 bis 22 Uhr')
})

test('only super admins announce; the list fits a phone', async ({ hub, open }) => {
  const max = await hub.person('Max', 'admin')
  await expect(hub.call(max, 'POST', '/admin/broadcasts', { title: 't', body: 'b' })).rejects.toThrow()
  const root = await hub.person('Root', 'super_admin')
  const page = await open(root, '/admin/broadcasts', { ...viewports.phone, language: 'de-DE' })
  await expect(page.getByRole('heading', { level: 1, name: 'Ankündigungen' })).toBeVisible()
  await expectAccessible(page)
})
