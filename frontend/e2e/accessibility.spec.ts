import { Chat, roomPath } from './support/chat'
import { expectAccessible } from './support/axe'
import type { Hub, Person } from './support/hub'
import { expect, test, viewports } from './support/test'

/** A room with one of everything. */
async function full(hub: Hub, anna: Person): Promise<{ room_id: string }> {
  const ben = await hub.person('Ben Becker')
  const room = await hub.room('Alles', [anna, ben])
  const first = await hub.say(ben, room, '**Fett**, `Code`, [Link](https://example.org) und @alle\n\n> Zitat\n\n- eins\n- zwei')
  await hub.say(anna, room, 'Antwort', first.event_id)
  const edited = await hub.say(anna, room, 'wird geändert')
  await hub.call(anna, 'PATCH', `/messages/${encodeURIComponent(edited.event_id)}`, { body: 'ist geändert' })
  const deleted = await hub.say(anna, room, 'weg')
  await hub.call(anna, 'DELETE', `/messages/${encodeURIComponent(deleted.event_id)}`)
  await hub.call(ben, 'POST', `/messages/${encodeURIComponent(first.event_id)}/reactions`, { emoji: '👍' })
  const form = new FormData()
  form.append('room_id', room.room_id)
  form.append('file', new File(['Inhalt'], 'Anleitung.txt', { type: 'text/plain' }))
  await hub.upload(ben, form)
  await hub.notify({ title: 'Dringend', body: 'Jetzt', priority: 'urgent', target_type: 'dm', target_user: anna.id })
  await hub.notify({ title: 'Nicht dringend', target_type: 'dm', target_user: anna.id })
  await hub.directRoom(anna, ben)
  return room
}

for (const theme of ['light', 'dark'] as const) {
  test(`the chat and its dialogs have no serious fault (${theme})`, async ({ hub, open }) => {
    test.slow()
    const anna = await hub.person('Anna')
    const room = await full(hub, anna)
    const chat = new Chat(await open(anna, roomPath(room), { theme }))
    const { page } = chat
    await expect(chat.message('Anleitung.txt')).toBeVisible()
    await expectAccessible(page)

    await test.step('a message with its tools and the reactions', async () => {
      await chat.deed(chat.message('Antwort'), 'React')
      await expect(page.getByRole('button', { name: 'React with 👍' })).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('button', { name: 'React with 👍' })).toHaveCount(0)
    })
    await test.step('the menu of a message', async () => {
      await chat.deed(chat.message('Antwort'), 'More')
      await expect(page.getByRole('menu')).toBeVisible()
      await expectAccessible(page)
      await page.getByRole('menuitem', { name: 'Delete' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toHaveCount(0)
    })
    await test.step('emoji', async () => {
      await page.getByRole('button', { name: 'Insert emoji' }).click()
      await expect(page.getByRole('grid')).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('grid')).toHaveCount(0)
    })
    await test.step('suggestions while writing', async () => {
      await chat.composer.fill('')
      await chat.composer.pressSequentially('@be')
      await expect(page.getByRole('option', { name: 'Ben Becker' })).toBeVisible()
      await expectAccessible(page)
      await chat.composer.fill('')
    })
    await test.step('about the room', async () => {
      await page.getByRole('button', { name: 'About this room' }).click()
      await expect(page.getByRole('complementary', { name: 'About this room' })).toContainText('2 members')
      await expectAccessible(page)
    })
    await test.step('search', async () => {
      await page.getByRole('button', { name: 'Search messages' }).click()
      await page.getByRole('complementary', { name: 'Search messages' }).getByRole('searchbox').fill('Antwort')
      await expect(page.locator('mark')).toHaveText('Antwort')
      await expectAccessible(page)
    })
    for (const [name, key] of [['Go to', 'Control+K'], ['Keyboard shortcuts', '?']] as const) {
      await test.step(name, async () => {
        await page.getByRole('heading', { level: 1 }).click()
        await page.keyboard.press(key)
        await expect(page.getByRole('dialog', { name })).toBeVisible()
        await expectAccessible(page)
        await page.keyboard.press('Escape')
        await expect(page.getByRole('dialog')).toHaveCount(0)
      })
    }
    await test.step('a new conversation', async () => {
      await page.getByRole('button', { name: 'New conversation' }).click()
      await page.getByRole('option', { name: /Ben Becker/ }).click()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toHaveCount(0)
    })
    await test.step('the own menu', async () => {
      await page.getByRole('button', { name: /^Anna: settings/ }).click()
      await expect(page.getByRole('menu')).toBeVisible()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('menu')).toHaveCount(0)
    })
    await test.step('the notifications’ cards and a toast', async () => {
      await chat.hears()
      await hub.notify({ title: 'Noch eine', priority: 'urgent', target_type: 'dm', target_user: anna.id })
      const toast = chat.toasts.filter({ hasText: 'Noch eine' })
      await expect(toast).toBeVisible()
      await expectAccessible(page)
      await toast.getByRole('button', { name: 'Open' }).click()
      await expect(chat.message('Nicht dringend')).toBeVisible()
      await expectAccessible(page)
    })
  })

  test(`the other pages have no serious fault (${theme})`, async ({ hub, open }) => {
    test.slow()
    const anna = await hub.person('Anna', 'admin')
    const page = await open(anna, '/settings/general', { theme })
    for (const path of ['/', '/settings/general', '/settings/notifications', '/settings/clients', '/settings/account', '/sso?redirectUrl=https%3A%2F%2Fapp.element.io', '/sso', '/widget', '/admin', '/admin/people', '/admin/rooms', '/admin/notifications', '/admin/rules', '/admin/service-tokens', '/admin/webhooks', '/admin/sessions', '/admin/audit']) {
      await test.step(path, async () => {
        await page.goto(path)
        await expect(page.locator('h1, h2').first()).toBeVisible()
        await expect(page.getByText('Loading …')).toHaveCount(0)
        await expectAccessible(page)
      })
    }
  })

  test(`nobody signed in, on a phone (${theme})`, async ({ hub, open }) => {
    const page = await open(null, '/', { theme, ...viewports.phone })
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expectAccessible(page)
    const anna = await hub.person('Anna')
    const chat = new Chat(await open(anna, roomPath(await full(hub, anna)), { theme, ...viewports.phone }))
    await expect(chat.message('Anleitung.txt')).toBeVisible()
    await expectAccessible(chat.page)
  })
}

test('what comes is said to a screen reader once; what is scrolled to is not', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Gehört', [anna, ben])
  await hub.say(ben, room, 'war schon da')
  const chat = new Chat(await open(anna, roomPath(room)))
  await expect(chat.message('war schon da')).toBeVisible()
  const said = chat.page.locator('[aria-live="polite"]:not(ol)')
  await expect(said.filter({ hasText: 'war schon da' })).toHaveCount(0)
  await hub.say(ben, room, 'ist neu')
  await expect(said.filter({ hasText: 'Ben: ist neu' })).toHaveCount(1)
})
