import { signInClient, whoAmI } from './support/gateway'
import { expect, test } from './support/test'

test('the language is changed at once and stays over a reload', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), '/settings/general')
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  await page.getByRole('radio', { name: 'Deutsch' }).check()
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible()
  await expect(page.getByRole('radio', { name: 'Deutsch' })).toBeChecked()
  await page.goto('/')
  await expect(page.getByRole('searchbox', { name: 'Raum finden' })).toBeVisible()
})

test('without a choice the language is the browser’s', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), '/settings/general', { language: 'de-DE' })
  await expect(page.getByRole('heading', { level: 1, name: 'Einstellungen' })).toBeVisible()
})

test('light and dark: as the system says until somebody chooses, and then as chosen', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), '/settings/general', { theme: 'dark' })
  const brightness = async (): Promise<number> => {
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    return (colour.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0)
  }
  await expect(page.getByRole('radio', { name: 'As in the system' }).last()).toBeChecked()
  await expect.poll(brightness).toBeLessThan(200)
  await page.emulateMedia({ colorScheme: 'light' })
  await expect.poll(brightness).toBeGreaterThan(600)
  await page.getByRole('radio', { name: 'Dark' }).check()
  await expect.poll(brightness).toBeLessThan(200)
  await page.reload()
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked()
  await expect.poll(brightness).toBeLessThan(200)
})

test('an external app: an app password is shown once, the device appears, is signed out, and all is switched off', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const page = await open(anna, '/settings/clients')
  await expect(page.getByText('Switched off: no app can sign in for you yet.')).toBeVisible()
  await page.getByLabel('Name of the device').fill('Mein Telefon')
  await page.getByRole('button', { name: 'Switch on and make an app password' }).click()

  const card = page.getByRole('region', { name: 'App password for “Mein Telefon”' })
  await expect(card).toBeVisible()
  await expect(card.getByRole('img', { name: /^QR code/ })).toBeVisible()
  const value = (label: string): Promise<string> => card.locator('dt', { hasText: label }).locator('xpath=following-sibling::dd[1]/code').innerText()
  const [user, password] = [await value('User name'), await value('App password')]
  expect(user).toMatch(/^@.*:/)

  const phone = await signInClient(user, password, 'Element X')
  expect(phone.status).toBe(200)
  await expect(card).toContainText(/“.*” is signed in\./)

  await page.getByRole('button', { name: 'Done, hide it' }).click()
  await expect(page.getByText(password)).toHaveCount(0)
  await page.reload()
  const devices = page.getByTestId('external-sessions')
  await expect(devices.getByRole('row')).toHaveCount(2)
  await expect(page.getByText(password)).toHaveCount(0)

  await devices.getByRole('button', { name: /^Sign out/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(devices).toContainText('No device is signed in at the moment.')
  expect(await whoAmI(phone.token)).toBe(401)

  await page.getByRole('button', { name: 'Switch off', exact: true }).click()
  await page.getByRole('dialog', { name: 'Switch external apps off?' }).getByRole('button', { name: 'Switch off' }).click()
  await expect(page.getByText('Switched off: no app can sign in for you yet.')).toBeVisible()
  expect((await signInClient(user, password, 'Element X')).status).toBe(403)
})

test('how to connect is told app by app, with one’s own addresses', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const me = await hub.call<{ matrix_user_id: string }>(anna, 'GET', '/users/me')
  const page = await open(anna, '/settings/clients')
  for (const app of ['Element on a computer', 'Element in a browser', 'FluffyChat']) {
    await page.getByText(app, { exact: true }).click()
    const guide = page.getByRole('group').filter({ has: page.getByText(app, { exact: true }) })
    await expect(guide).toContainText(me.matrix_user_id)
    await expect(guide).toContainText(/https?:\/\//)
  }
})

test('what one wants to be told of is chosen and kept', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), '/settings/notifications')
  await page.context().grantPermissions(['notifications'])
  await page.reload()
  await page.getByRole('radio', { name: 'Only for notifications, mentions and direct messages' }).check()
  await page.getByLabel('With a sound').check()
  await page.reload()
  await expect(page.getByRole('radio', { name: 'Only for notifications, mentions and direct messages' })).toBeChecked()
  await expect(page.getByLabel('With a sound')).toBeChecked()
})

test('the account says who one is', async ({ hub, open }) => {
  const gast = await hub.person('Gast', 'viewer')
  const page = await open(gast, '/settings/account')
  const main = page.getByRole('main')
  await expect(main).toContainText(gast.id)
  await expect(main).toContainText('Reads along (viewer)')
  await expect(main).toContainText(String(hub.tenant))
})

test('a service that is away is said in words, with a way on', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), '/settings/general')
  const calls = '**/api/v1/users/me/external-client**'
  await page.route(calls, (route) => route.abort('connectionrefused'))
  await page.getByRole('link', { name: 'External apps' }).click()
  await expect(page.getByRole('alert')).toContainText('The messenger cannot be reached.')
  await page.unroute(calls)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('Switched off: no app can sign in for you yet.')).toBeVisible()
})
