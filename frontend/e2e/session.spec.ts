import { Chat, roomPath } from './support/chat'
import type { Person } from './support/hub'
import { expect, test } from './support/test'
import { setting } from './support/settings'

test('nobody signed in: says so, and goes on by itself when the hub has signed somebody in', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const page = await open(null, '/')
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in at the hub' })).toBeVisible()
  // As the hub does it, in another tab of this browser (contract A063).
  const hubTab = await page.context().newPage()
  await hubTab.goto('/favicon.svg')
  await hubTab.evaluate((token) => {
    localStorage.setItem('hub_token', token)
  }, anna.token)
  await expect(page.getByRole('button', { name: /^Anna: settings/ })).toBeVisible()
})

test('a token in the fragment of the address signs in and is nowhere to be seen afterwards', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Fragment', [anna])
  const page = await open(null, `${roomPath(room)}#hub_token=${anna.token}`)
  await expect(new Chat(page).composer).toBeVisible()
  expect(page.url()).not.toContain('hub_token')
  expect(new URL(page.url()).hash).toBe('')
  // Neither is it one step back.
  await new Chat(page).room('Allgemein').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Allgemein' })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1, name: 'Fragment' })).toBeVisible()
  expect(page.url()).not.toContain('hub_token')
  await page.reload()
  await expect(new Chat(page).composer).toBeVisible()
})

test('a token in the hub’s cookie signs in', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const page = await open(null, '/')
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in at the hub' })).toBeVisible()
  await page.context().addCookies([{ name: 'hub_token', value: anna.token, url: setting('E2E_BASE_URL') }])
  await page.reload()
  await expect(page.getByRole('button', { name: /^Anna: settings/ })).toBeVisible()
})

test('a token that counts no more is told from none', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const old: Person = { ...anna, token: await hub.token(anna.id, anna.name, 'user', -3600) }
  const page = await open(old, '/')
  await expect(page.getByRole('heading', { level: 1, name: 'Your sign-in has ended' })).toBeVisible()
  await page.evaluate((token) => {
    localStorage.setItem('hub_token', token)
  }, anna.token)
  await expect(page.getByRole('button', { name: /^Anna: settings/ })).toBeVisible()
})

test('a token of another issuer is refused', async ({ hub, open }) => {
  const page = await open({ ...(await hub.person('Anna')), token: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIn0.' }, '/')
  await expect(page.getByRole('heading', { level: 1, name: 'Your sign-in has ended' })).toBeVisible()
})

test('a token that ends while one writes: the draft stays, and a fresh token goes on with it', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Feierabend', [anna, ben])
  const short: Person = { ...anna, token: await hub.token(anna.id, anna.name, 'user', 20) }
  const chat = new Chat(await open(short, roomPath(room)))
  await chat.composer.fill('noch nicht fertig')
  const expired = chat.page.getByRole('alert').filter({ hasText: 'Your sign-in has ended.' })
  await expect(expired).toBeVisible({ timeout: 40_000 })
  await expect(chat.composer).toHaveValue('noch nicht fertig')
  // What is sent now waits; what comes meanwhile is there afterwards.
  await chat.composer.press('End')
  await chat.composer.pressSequentially(', doch')
  await chat.composer.press('Enter')
  await expect(chat.message('noch nicht fertig, doch')).toContainText('Is being sent')
  await hub.say(ben, room, 'inzwischen')

  await chat.page.evaluate((token) => {
    localStorage.setItem('hub_token', token)
  }, anna.token)
  await expect(expired).toHaveCount(0)
  await expect(chat.message('noch nicht fertig, doch')).not.toContainText('Is being sent')
  await expect(chat.message('inzwischen')).toHaveCount(1)
  await hub.say(ben, room, 'wieder live')
  await expect(chat.message('wieder live')).toHaveCount(1)
  await expect.poll(() => chat.inSight()).toEqual(['inzwischen', 'noch nicht fertig, doch', 'wieder live'])
})

test('signing out here leaves the hub’s own sign-in alone, and leads back', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const page = await open(anna, '/')
  await page.getByRole('button', { name: /^Anna: settings/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'You are signed out of the messenger' })).toBeVisible()
  expect(await page.evaluate(() => localStorage.getItem('hub_token'))).toBe(anna.token)
  await page.getByRole('button', { name: 'Back to the messenger' }).click()
  await expect(page.getByRole('button', { name: /^Anna: settings/ })).toBeVisible()
})

test('another person in the same browser sees nothing of the one before', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Annas Sachen', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.composer.fill('Annas Geheimnis')
  // Not under the eyes of the pages, which would begin anew at the same time as they are opened again.
  await chat.page.goto('/favicon.svg')
  await chat.page.evaluate((token) => {
    localStorage.setItem('hub_token', token)
  }, ben.token)
  await chat.page.goto('/')
  await expect(chat.page.getByRole('button', { name: /^Ben: settings/ })).toBeVisible()
  await expect(chat.room('Annas Sachen')).toHaveCount(0)
  await expect(chat.rooms.getByRole('link')).toHaveCount(1)
  expect(await chat.page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain('Geheimnis')
  // The address of a room that is not theirs says so in words.
  await chat.page.goto(roomPath(room))
  await expect(chat.page.getByRole('alert')).toContainText(/may not see it|not allowed/)
  await expect(chat.page.getByRole('button', { name: 'Try again' })).toBeVisible()
})

test('in development one may be one of the demo people', async ({ open }) => {
  const page = await open(null, '/')
  const demo = page.getByRole('region', { name: 'Who would you like to be?' })
  await demo.getByRole('button').first().click()
  await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible()
})

test('in German, where the browser is', async ({ open }) => {
  const page = await open(null, '/', { language: 'de-DE' })
  await expect(page.getByRole('heading', { level: 1, name: 'Melde dich am Hub an' })).toBeVisible()
  await page.getByRole('button', { name: 'English' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in at the hub' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in at the hub' })).toBeVisible()
})
