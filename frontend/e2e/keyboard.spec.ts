import { Chat, roomPath } from './support/chat'
import { expect, test } from './support/test'

test('everything by keyboard: find a room, read, write, answer, react, edit, delete, begin a conversation', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben Becker')
  const room = await hub.room('Leitstand', [anna, ben])
  await hub.room('Lager', [anna])
  await hub.say(ben, room, 'Wer übernimmt?')
  const chat = new Chat(await open(anna, '/'))
  const { page } = chat
  const { keyboard } = page
  await expect(chat.room('Leitstand')).toBeVisible()

  await test.step('find the room', async () => {
    await keyboard.press('Control+K')
    await expect(page.getByRole('combobox', { name: 'Room or person' })).toBeFocused()
    await keyboard.type('leits')
    await keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1, name: 'Leitstand' })).toBeVisible()
    await expect(chat.composer).toBeFocused()
    // One may write before the messages are there; the keys go through those that are.
    await expect(chat.message('Wer übernimmt?')).toBeVisible()
  })

  await test.step('write', async () => {
    await keyboard.type('Ich übernehme')
    await keyboard.press('Enter')
    await expect(chat.message('Ich übernehme')).not.toContainText('Is being sent')
    await expect(chat.composer).toBeFocused()
  })

  await test.step('go back to the messages and answer', async () => {
    await keyboard.press('Shift+Tab')
    for (let n = 0; n < 4 && !(await chat.message('Ich übernehme').evaluate((article) => article === document.activeElement)); n += 1) await keyboard.press('Shift+Tab')
    await expect(chat.message('Ich übernehme')).toBeFocused()
    await keyboard.press('ArrowUp')
    await expect(chat.message('Wer übernimmt?')).toBeFocused()
    await keyboard.press('r')
    await expect(page.getByText('Reply to Ben Becker:')).toBeVisible()
    await expect(chat.composer).toBeFocused()
    await keyboard.type('Bin schon da')
    await keyboard.press('Enter')
    await expect(chat.message('Bin schon da')).toContainText('Wer übernimmt?')
    await expect(chat.message('Bin schon da')).not.toContainText('Is being sent')
  })

  await test.step('react', async () => {
    await chat.message('Bin schon da').focus()
    await keyboard.press('+')
    await expect(page.getByRole('button', { name: 'React with 👍' })).toBeVisible()
    await expect(page.getByRole('button', { name: /^React with/ }).first()).toBeFocused()
    await keyboard.press('Enter')
    await expect(chat.message('Bin schon da').getByRole('button', { name: /^you: / })).toContainText('1')
    await expect(chat.message('Bin schon da')).toBeFocused()
  })

  await test.step('edit with the arrow up, give up with Escape', async () => {
    await chat.composer.focus()
    await keyboard.press('ArrowUp')
    await expect(chat.composer).toHaveValue('Bin schon da')
    await keyboard.press('Escape')
    await expect(chat.composer).toHaveValue('')
  })

  await test.step('delete through the menu', async () => {
    await chat.message('Ich übernehme').focus()
    await keyboard.press('Shift+F10')
    await expect(page.getByRole('menu')).toBeVisible()
    await keyboard.press('End')
    await expect(page.getByRole('menuitem', { name: 'Delete' })).toBeFocused()
    await keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: 'Delete this message?' }).locator(':focus')).toHaveCount(1)
    await keyboard.press('Tab')
    for (let n = 0; n < 4 && !(await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).evaluate((button) => button === document.activeElement)); n += 1) {
      await keyboard.press('Tab')
    }
    await keyboard.press('Enter')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(chat.timeline).not.toContainText('Ich übernehme')
  })

  await test.step('search, and close it again', async () => {
    await keyboard.press('Control+Shift+F')
    await expect(page.getByRole('complementary', { name: 'Search messages' }).getByRole('searchbox')).toBeFocused()
    await keyboard.press('Escape')
    await expect(page.getByRole('complementary', { name: 'Search messages' })).toHaveCount(0)
  })

  await test.step('begin a conversation', async () => {
    await keyboard.press('Control+K')
    await expect(page.getByRole('combobox', { name: 'Room or person' })).toBeFocused()
    await keyboard.type('Ben Be')
    await expect(page.getByRole('option', { name: /Ben Becker/ })).toBeVisible()
    await keyboard.press('Enter')
    await expect(page.getByRole('heading', { level: 1, name: 'Ben Becker' })).toBeVisible()
    await expect(chat.composer).toBeFocused()
    await keyboard.type('Hallo')
    await keyboard.press('Enter')
    await expect(chat.message('Hallo')).not.toContainText('Is being sent')
    // The list of rooms follows what was written in them.
    await expect(chat.room('Ben Becker')).toContainText('Hallo')
  })

  await test.step('to the next room', async () => {
    await keyboard.press('Alt+ArrowDown')
    await expect(page.getByRole('heading', { level: 1, name: 'Ben Becker' })).toHaveCount(0)
    await keyboard.press('Alt+ArrowUp')
    await expect(page.getByRole('heading', { level: 1, name: 'Ben Becker' })).toBeVisible()
  })
})

test('the list of rooms is one stop for Tab, and the arrow keys move in it', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  for (const name of ['Eins', 'Zwei', 'Drei']) await hub.room(name, [anna])
  const chat = new Chat(await open(anna, '/'))
  await expect(chat.rooms.getByRole('link')).toHaveCount(4)
  await expect(chat.rooms.locator('a[tabindex="0"]')).toHaveCount(1)
  await chat.page.getByRole('searchbox', { name: 'Find a room' }).focus()
  await chat.page.keyboard.press('ArrowDown')
  const links = chat.rooms.getByRole('link')
  await expect(links.first()).toBeFocused()
  await chat.page.keyboard.press('End')
  await expect(links.last()).toBeFocused()
  await chat.page.keyboard.press('ArrowUp')
  await expect(links.nth(2)).toBeFocused()
  await chat.page.keyboard.press('Enter')
  await expect(links.nth(2)).toHaveAttribute('aria-current', 'page')
})

test('dialogs hold the focus, close with Escape and give it back', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Fokus', [anna])
  const { page, composer } = new Chat(await open(anna, roomPath(room)))
  const opener = page.getByRole('button', { name: 'New conversation' })
  // A room that opens gives the focus to the composer.
  await expect(composer).toBeFocused()
  await opener.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'New conversation' })
  await expect(dialog.getByRole('combobox')).toBeFocused()
  for (let n = 0; n < 12; n += 1) {
    await page.keyboard.press('Tab')
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true)
  }
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(opener).toBeFocused()
  await page.getByRole('button', { name: 'About this room' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary', { name: 'About this room' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'About this room' })).toBeFocused()
})

test('all keys are written down behind the question mark', async ({ hub, open }) => {
  const page = await open(await hub.person('Anna'), '/')
  await expect(page.getByRole('navigation', { name: 'Rooms' })).toBeVisible()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(help).toContainText('go to a room or person')
  await page.keyboard.press('Escape')
  await expect(help).toHaveCount(0)
})
