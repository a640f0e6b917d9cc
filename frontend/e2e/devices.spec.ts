import type { Page } from '@playwright/test'
import { Chat, expectNoSidewaysScroll } from './support/chat'
import { expect, test, viewports } from './support/test'

/** A finger needs some room: buttons and links that are smaller than this in both directions, in pixels. */
const FINGER = 24

async function expectTouchable(page: Page): Promise<void> {
  const small = await page.locator('button:visible, a:visible, input:visible').evaluateAll((all, least) =>
    all
      .filter((one) => !one.closest('.said, p') && !one.matches('.unseen, [type=radio], [type=checkbox]'))
      .map((one) => ({ name: one.getAttribute('aria-label') ?? one.textContent.trim(), box: one.getBoundingClientRect() }))
      .filter(({ box }) => box.width < least || box.height < least)
      .map(({ name, box }) => `${name}: ${String(Math.round(box.width))}x${String(Math.round(box.height))}`),
    FINGER,
  )
  expect(small).toEqual([])
}

test('on a phone: the rooms, one of them, and back', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Unterwegs', [anna, ben])
  await hub.say(ben, room, 'Bist du da?')
  const page = await open(anna, '/', viewports.phone)
  const chat = new Chat(page)
  await expect(chat.room('Unterwegs')).toBeVisible()
  await expectNoSidewaysScroll(page)
  await expectTouchable(page)
  await chat.room('Unterwegs').tap()
  await expect(chat.message('Bist du da?')).toBeInViewport()
  await expect(chat.rooms).toBeHidden()
  await expectNoSidewaysScroll(page)
  await expectTouchable(page)

  await chat.composer.tap()
  await chat.composer.fill('Gleich')
  await chat.sendButton.tap()
  await expect(chat.message('Gleich')).not.toContainText('Is being sent')

  await test.step('a touch shows what can be done with a message', async () => {
    await chat.message('Bist du da?').tap()
    await chat.message('Bist du da?').getByRole('button', { name: 'React', exact: true }).tap()
    await page.getByRole('button', { name: 'React with 👍' }).tap()
    await expect(chat.message('Bist du da?').getByRole('button', { name: 'you: 👍' })).toBeVisible()
  })

  await test.step('what belongs to the room fills the screen, and goes away again', async () => {
    await page.getByRole('button', { name: 'About this room' }).tap()
    const about = page.getByRole('complementary', { name: 'About this room' })
    await expect.poll(async () => (await about.boundingBox())?.width).toBe(390)
    await expectNoSidewaysScroll(page)
    await about.getByRole('button', { name: 'Close' }).tap()
    await expect(about).toHaveCount(0)
  })

  await page.getByRole('button', { name: 'Back to the rooms' }).tap()
  await expect(chat.rooms).toBeVisible()
  await expect(page).toHaveURL('/')
  await chat.room('Unterwegs').tap()
  await expect(chat.rooms).toBeHidden()
  await page.goBack()
  await expect(chat.rooms).toBeVisible()
})

test('on a terminal in the workshop: the notification is seen, answered and a picture sent by touch', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const page = await open(anna, '/', viewports.terminal)
  const chat = new Chat(page)
  await expect(chat.rooms.getByRole('link').first()).toBeVisible()
  await chat.hears()
  await expectNoSidewaysScroll(page)
  await expectTouchable(page)
  await hub.notify({ title: 'Ofen 2 zu heiß', priority: 'urgent', target_type: 'entity_room', entity_type: 'machine', entity_id: 2 })
  await expect(chat.toasts.filter({ hasText: 'Ofen 2 zu heiß' })).toBeVisible()
  await chat.toasts.filter({ hasText: 'Ofen 2 zu heiß' }).getByRole('button', { name: 'Open' }).tap()
  await expect(chat.message('Ofen 2 zu heiß')).toBeVisible()
  await chat.composer.tap()
  await chat.composer.fill('Bin unterwegs')
  await chat.sendButton.tap()
  await expect(chat.message('Bin unterwegs')).not.toContainText('Is being sent')
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Attach files' }).tap()
  await (await chooser).setFiles({ name: 'Ofen.png', mimeType: 'image/png', buffer: await page.screenshot() })
  await chat.sendButton.tap()
  await page.getByRole('button', { name: 'Show picture Ofen.png large' }).tap()
  await page.getByRole('dialog', { name: 'Ofen.png' }).getByRole('button', { name: 'Close' }).tap()
  await expectNoSidewaysScroll(page)
  await expectTouchable(page)
})

for (const [where, look] of Object.entries(viewports)) {
  test(`settings, sign-in, SSO and widget fit (${where})`, async ({ hub, open }) => {
    const page = await open(await hub.person('Anna', 'admin'), '/settings/general', look)
    for (const path of ['/settings/general', '/settings/notifications', '/settings/clients', '/settings/account', '/sso?redirectUrl=https%3A%2F%2Fapp.element.io', '/widget', '/admin', '/admin/people', '/admin/rules', '/admin/audit']) {
      await page.goto(path)
      await expect(page.locator('h1, h2').first()).toBeVisible()
      await expectNoSidewaysScroll(page)
    }
  })
}

test('who wants no motion gets none', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const page = await open(anna, '/')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.getByRole('button', { name: 'New conversation' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  const longest = await page.evaluate(() =>
    Math.max(
      0,
      ...Array.from(document.querySelectorAll('*')).flatMap((element) => {
        const { animationDuration, transitionDuration } = getComputedStyle(element)
        return `${animationDuration}, ${transitionDuration}`.split(', ').map((time) => parseFloat(time) * (time.endsWith('ms') ? 1 : 1000))
      }),
    ),
  )
  expect(longest).toBeLessThanOrEqual(1)
})
