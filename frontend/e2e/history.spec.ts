import { Chat, roomPath } from './support/chat'
import { scrollTo } from './support/history'
import type { Schemas } from './support/hub'
import { expect, test } from './support/test'

const COUNT = 600
const line = (n: number): string => `Zeile ${String(n).padStart(3, '0')}`
const lines = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, n) => line(from + n))

test('a permalink into the middle of a long room; from there it goes on without gaps to both ends', async ({ hub, open }) => {
  test.setTimeout(300_000)
  const anna = await hub.person('Anna')
  const room = await hub.room('Chronik', [anna])
  const sent: Schemas['Message'][] = []
  // Each of another length, so that rows are of different heights.
  for (let n = 1; n <= COUNT; n += 1) sent.push(await hub.say(anna, room, line(n)))

  const chat = new Chat(await open(anna, roomPath(room, sent[299]?.event_id)))
  const middle = chat.message(line(300))
  await expect(middle).toBeInViewport()
  await expect(chat.message(line(600))).toHaveCount(0)

  const older = await test.step('up to the beginning', () => scrollTo(chat, true, line(1)))
  expect(older).toEqual(lines(1, 1 - 1 + older.length))
  expect(older.length).toBeGreaterThanOrEqual(300)
  await expect(chat.timeline.getByText('Here begins “Chronik”.')).toBeVisible()

  const whole = await test.step('down to the end', () => scrollTo(chat, false, line(COUNT)))
  expect(whole).toEqual(lines(1, COUNT))

  // At the end it is live again.
  await chat.say('weiter geht’s')
  await expect(chat.message('weiter geht’s')).toBeInViewport()
})

test('what is being looked at does not move while older messages come', async ({ hub, open }) => {
  test.setTimeout(120_000)
  const anna = await hub.person('Anna')
  const room = await hub.room('Ruhig', [anna])
  for (let n = 1; n <= 160; n += 1) await hub.say(anna, room, n % 3 === 0 ? `${line(n)}\n\nmit\nmehreren\nZeilen` : line(n))
  const page = await open(anna, '/settings')
  // Older messages come when the test says so.
  let letGo = (): void => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  await page.route('**/api/v1/messages/history/**before=**', async (route) => {
    await held
    await route.continue()
  })
  const asked = page.waitForRequest(/messages\/history\/.*before=/, { timeout: 30_000 })
  await page.goto(roomPath(room))
  const chat = new Chat(page)
  await expect(chat.message(line(160))).toBeInViewport()
  // More may be asked for well before the top: that it was says nothing about where the timeline is.
  await chat.rest()
  await chat.timeline.evaluate((log) => {
    log.scrollTop = 0
  })
  await asked
  await chat.rest()
  // The very first one may become part of a group that began before it.
  const read = (await chat.inSight())[4] ?? ''
  const name = /Zeile \d{3}/.exec(read)?.[0] ?? ''
  const place = (): Promise<number> => chat.message(name).evaluate((article) => Math.round(article.getBoundingClientRect().top))
  const before = await place()
  letGo()
  await expect.poll(() => chat.timeline.evaluate((log) => log.scrollTop)).toBeGreaterThan(500)
  await chat.rest()
  expect(Math.abs((await place()) - before)).toBeLessThanOrEqual(2)
})

test('who scrolls as soon as there is something to see is not taken back while rows are measured', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Eilig', [anna])
  for (let n = 1; n <= 60; n += 1) await hub.say(anna, room, n % 3 === 0 ? `${line(n)}\n\nmit\nmehreren\nZeilen` : line(n))
  const chat = new Chat(await open(anna, roomPath(room)))
  await expect(chat.message(line(60))).toBeInViewport()
  // The list is in its place before it is shown.
  await expect(chat.timeline.locator('ol')).toHaveCSS('opacity', '1')
  await chat.timeline.hover()
  await chat.page.mouse.wheel(0, -1_000)
  await expect(chat.page.getByRole('button', { name: 'To the newest' })).toBeVisible()
  await chat.rest()
  await expect(chat.message(line(60))).not.toBeInViewport()
})

test('a permalink to what is not there says so, and the room is there', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Alt', [anna])
  await hub.say(anna, room, 'noch da')
  const chat = new Chat(await open(anna, roomPath(room, '$nosuchevent')))
  await expect(chat.message('noch da')).toBeVisible()
  await expect(chat.composer).toBeVisible()
})

test('an answer leads to what it answers, however far up that is', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Antworten', [anna])
  const question = await hub.say(anna, room, 'Wer hat den Schlüssel?')
  for (let n = 1; n <= 90; n += 1) await hub.say(anna, room, line(n))
  await hub.say(anna, room, 'Ich.', question.event_id)
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.message('Ich.').getByRole('button', { name: /^Answers.*Wer hat den Schlüssel\?$/ }).click()
  // The answer has the question in it, too.
  await expect(chat.message('Wer hat den Schlüssel?').filter({ hasNotText: 'Ich.' })).toBeInViewport()
  await chat.page.getByRole('button', { name: 'To the newest' }).click()
  await expect(chat.message('Ich.')).toBeInViewport()
})

test('the link of a message is copied and leads there', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Links', [anna])
  const message = await hub.say(anna, room, 'Merk dir das')
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await chat.menu(chat.message('Merk dir das'), 'Copy link')
  await expect(chat.toasts.filter({ hasText: 'Copied' })).toBeVisible()
  const link = await chat.page.evaluate(() => navigator.clipboard.readText())
  expect(decodeURIComponent(new URL(link).pathname)).toBe(`/rooms/${room.room_id}/${message.event_id}`)
  await chat.page.goto(link)
  await expect(chat.message('Merk dir das')).toBeInViewport()
})
