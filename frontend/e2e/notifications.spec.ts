import { Chat, roomPath } from './support/chat'
import { expect, test } from './support/test'

for (const priority of ['normal', 'urgent'] as const) {
  test(`a satellite’s ${priority} notification comes as a toast, and leads to its card`, async ({ hub, open }) => {
    const anna = await hub.person('Anna')
    const room = await hub.room('Pause', [anna])
    const chat = new Chat(await open(anna, roomPath(room)))
    await chat.live()
    await hub.notify({ source_app: 'wartung', title: 'Presse 4 steht', body: 'Öldruck zu **niedrig**', priority, target_type: 'dm', target_user: anna.id })
    const toast = chat.toasts.filter({ hasText: 'Presse 4 steht' })
    await expect(toast).toBeVisible()
    const entry = chat.rooms.getByRole('link').filter({ hasText: 'Presse 4 steht' })
    // All at once: a toast that is not urgent goes by itself.
    await Promise.all([
      // Only what is urgent interrupts a screen reader.
      expect(chat.page.getByRole('alert').filter({ hasText: 'Presse 4 steht' })).toHaveCount(priority === 'urgent' ? 1 : 0),
      expect(entry).toContainText('one unread'),
      expect(entry.getByText('Urgent', { exact: true })).toHaveCount(priority === 'urgent' ? 1 : 0),
      expect(chat.page).toHaveTitle(priority === 'urgent' ? '(1!) Messenger' : '(1) Messenger'),
    ])

    await toast.getByRole('button', { name: 'Open' }).click()
    await expect(toast).toHaveCount(0)
    const card = chat.message('Presse 4 steht')
    await expect(card).toContainText('wartung')
    await expect(card).toContainText(priority === 'urgent' ? 'Urgent' : 'Notice')
    await expect(card.locator('strong')).toHaveText('niedrig')
    await expect(card.getByRole('time').or(card.locator('time')).first()).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT/)
    await expect(entry).not.toContainText('unread')
    await expect(entry.getByText('Urgent', { exact: true })).toHaveCount(0)
    await expect(chat.page).toHaveTitle('Messenger')
  })
}

test('urgent has a colour that nothing else has', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const chat = new Chat(await open(anna, '/'))
  await hub.notify({ title: 'Alles gut', target_type: 'dm', target_user: anna.id })
  await hub.notify({ title: 'Feuer', priority: 'urgent', target_type: 'dm', target_user: anna.id })
  await chat.rooms.getByRole('link').filter({ hasText: 'Feuer' }).click()
  const colour = (text: string): Promise<string> => chat.message(text).getByText(/^(?:Urgent|Notice)$/).evaluate((sign) => getComputedStyle(sign).color)
  const urgent = await colour('Feuer')
  expect(await colour('Alles gut')).not.toBe(urgent)
  const accent = await chat.rooms.getByRole('link').first().evaluate((link) => getComputedStyle(link).color)
  expect(accent).not.toBe(urgent)
})

test('a notification to everybody is in the general room', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const both = [new Chat(await open(anna, '/')), new Chat(await open(ben, '/'))]
  for (const one of both) {
    await one.hears()
    await expect(one.rooms.getByRole('link').first()).toBeVisible()
  }
  await hub.notify({ title: 'Betriebsversammlung', body: 'Um 14 Uhr', target_type: 'general' })
  // The toasts go by themselves.
  await Promise.all(both.map((one) => expect(one.toasts.filter({ hasText: 'Betriebsversammlung' })).toHaveCount(1)))
  for (const one of both) {
    await one.rooms.getByRole('link').filter({ hasText: 'Betriebsversammlung' }).click()
    await expect(one.message('Betriebsversammlung')).toContainText('Um 14 Uhr')
  }
})

test('what comes at once in great numbers is told as a number', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Ruhe', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.live()
  await hub.notify({ title: 'Davor', target_type: 'dm', target_user: anna.id })
  await chat.toasts.filter({ hasText: 'Davor' }).getByRole('button', { name: 'Close' }).click()
  // Told at once after a gap of the connection, as after a tunnel.
  await chat.goOffline()
  for (let n = 1; n <= 6; n += 1) await hub.notify({ title: `Meldung ${String(n)}`, target_type: 'dm', target_user: anna.id })
  await hub.notify({ title: 'Brand in Halle 2', priority: 'urgent', target_type: 'dm', target_user: anna.id })
  await chat.page.context().setOffline(false)
  await expect(chat.toasts.filter({ hasText: '6 new messages' })).toHaveCount(1)
  await expect(chat.toasts.filter({ hasText: 'Brand in Halle 2' })).toHaveCount(1)
  await expect(chat.toasts).toHaveCount(2)
})
