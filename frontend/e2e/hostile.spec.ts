import type { Page } from '@playwright/test'
import { Chat, expectNoSidewaysScroll, roomPath } from './support/chat'
import { expect, test, viewports } from './support/test'

/** Whether anything that somebody sent has run, been loaded from elsewhere, or become an element that could. */
async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
  await expect(page.locator('#app :is(script, iframe, object, embed, form[action], [onerror], [onclick], [onload], base, meta, style)')).toHaveCount(0)
  await expect(page.locator('a[href^="javascript:" i], a[href^="data:" i], a[href^="vbscript:" i]')).toHaveCount(0)
}

const MARKUP = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 1">',
  '<svg onload="window.hacked = 1"><a xlink:href="javascript:window.hacked=1">x</a></svg>',
  '<iframe srcdoc="<script>parent.hacked = 1</script>"></iframe>',
  '<a href="#" onclick="window.hacked = 1">hier</a>',
  '<style>body { display: none }</style>',
  '<b>fett</b>',
]

test('HTML is text, in messages, names, topics and notifications', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const eve = await hub.person('<b onclick="hacked=1">Eve</b>')
  const room = await hub.room('<img src=x onerror="window.hacked=1">', [anna, eve])
  await hub.call(anna, 'PATCH', `/rooms/${encodeURIComponent(room.room_id)}`, { topic: '<script>window.hacked=1</script>' })
  for (const text of MARKUP) await hub.say(eve, room, text)
  await hub.notify({ title: '<script>window.hacked=1</script>', body: '<img src=x onerror="hacked=1">', source_app: '<i>crm</i>', target_type: 'dm', target_user: anna.id })
  const chat = new Chat(await open(anna, roomPath(room)))
  for (const text of MARKUP) await expect(chat.timeline).toContainText(text)
  await expect(chat.messages.first()).toContainText('<b onclick="hacked=1">Eve</b>')
  await expect(chat.page.getByRole('heading', { level: 1 })).toHaveText('<img src=x onerror="window.hacked=1">')
  await chat.rooms.getByRole('link').filter({ hasText: '<script>window.hacked=1</script>' }).last().click()
  await expect(chat.message('<i>crm</i>')).toContainText('<img src=x onerror="hacked=1">')
  await expectHarmless(chat.page)
})

test('links lead only where links may lead, and pictures of others are not loaded', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Links', [anna])
  for (const text of [
    '[drück mich](javascript:window.hacked=1)',
    '[drück mich](JaVaScRiPt:window.hacked=1)',
    '[drück mich](data:text/html,<script>opener.hacked=1</script>)',
    '[drück mich](vbscript:x) <javascript:window.hacked=1>',
    '![bild](https://evil.example/pixel.png)',
    'https://example.org/ganz-normal',
  ]) {
    await hub.say(anna, room, text)
  }
  const page = await open(anna, '/settings')
  const foreign: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('evil.example')) foreign.push(request.url())
  })
  await page.goto(roomPath(room))
  const chat = new Chat(page)
  await expect(chat.message('ganz-normal')).toBeVisible()
  await expect(chat.messages.getByRole('link')).toHaveCount(2)
  await expect(chat.messages.getByRole('link', { name: 'bild' })).toHaveAttribute('href', 'https://evil.example/pixel.png')
  await chat.messages.getByText('drück mich').first().click()
  expect(foreign).toEqual([])
  await expectHarmless(page)
})

const LONG_WORD = 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(60)

for (const [where, look] of Object.entries(viewports)) {
  test(`turned, invisible, endless and deeply nested text keeps the layout (${where})`, async ({ hub, open }) => {
    const anna = await hub.person('Anna')
    const eve = await hub.person('E'.repeat(120))
    const room = await hub.room(`R${'ö'.repeat(200)}`, [anna, eve])
    await hub.say(eve, room, '\u202Egnp.exe\u202C gedreht \u2067\u202E\u202E\u202E')
    await hub.say(eve, room, '\u200B\u200B\u2060\uFEFF')
    await hub.say(eve, room, LONG_WORD)
    await hub.say(eve, room, `https://example.org/${'x'.repeat(3000)}`)
    await hub.say(eve, room, `${'> '.repeat(500)}tief`)
    await hub.say(eve, room, `| ${Array.from({ length: 40 }, (_, n) => `Spalte ${String(n)}`).join(' | ')} |\n|${'---|'.repeat(40)}`)
    await hub.say(eve, room, `\`\`\`\n${'code '.repeat(400)}\n\`\`\``)
    await hub.say(eve, room, 'Z\u0351\u036b\u0343\u036a'.repeat(200))
    await hub.say(anna, room, 'Ende')
    const chat = new Chat(await open(anna, roomPath(room), look))
    await expect(chat.message('Ende')).toBeVisible()
    await chat.rest()
    await expectNoSidewaysScroll(chat.page)
    await chat.timeline.evaluate((log) => {
      log.scrollTop = 0
    })
    // What one message turns around stays turned inside of it.
    await expect(chat.timeline).toContainText('A message without visible text')
    await chat.rest()
    await expectNoSidewaysScroll(chat.page)
    const sideways = await chat.timeline.evaluate((log) => log.scrollWidth - log.clientWidth)
    expect(sideways).toBeLessThanOrEqual(0)
    await expectHarmless(chat.page)
  })
}

test('a turned name does not turn what stands beside it', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const eve = await hub.person('\u202EevE')
  const room = await hub.room('Drehung', [anna, eve])
  await hub.say(eve, room, 'hallo \u202Egnp.exe')
  await hub.say(eve, room, 'danach')
  const chat = new Chat(await open(anna, roomPath(room)))
  const [name, time] = [chat.messages.first().locator('bdi').first(), chat.messages.first().locator('time').first()]
  await expect(chat.message('danach')).toBeVisible()
  await chat.rest()
  const [left, right] = [await name.boundingBox(), await time.boundingBox()]
  expect(left?.x ?? 0).toBeLessThan(right?.x ?? 0)
})

test('16,000 characters are sent and folded; more are not, and it is said how much is too much', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Roman', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.composer.fill('x'.repeat(20_000))
  await expect(chat.page.getByText('-4000 characters left').or(chat.page.getByText(/4[,.]?000 characters too many/))).toBeVisible()
  await expect(chat.sendButton).toBeDisabled()
  await chat.composer.press('Enter')
  await expect(chat.messages).toHaveCount(0)
  await chat.composer.fill(`${'Wort '.repeat(3_199)}Ende`)
  await expect(chat.sendButton).toBeEnabled()
  await chat.composer.press('Enter')
  const message = chat.message('Wort')
  await expect(message).not.toContainText('Is being sent')
  const height = (): Promise<number> => message.evaluate((article) => article.clientHeight)
  await expect.poll(height).toBeLessThan(500)
  await message.getByRole('button', { name: 'Show all' }).click()
  await expect.poll(height).toBeGreaterThan(500)
  await message.getByRole('button', { name: 'Show less' }).click()
  await expect.poll(height).toBeLessThan(500)
  await expectNoSidewaysScroll(chat.page)
})

test('only spaces are not sent', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Leer', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.composer.fill('   \n  ')
  await expect(chat.sendButton).toBeDisabled()
  await chat.composer.press('Enter')
  await chat.say('doch etwas')
  await expect(chat.messages).toHaveCount(1)
})

test('a room whose name is emoji only, or nothing that can be seen, can be found and opened', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  await hub.room('🔥👩‍🚒🇩🇪', [anna])
  const unseen = await hub.room('\u2800\u3164', [anna])
  const chat = new Chat(await open(anna, '/'))
  await chat.room('🔥👩‍🚒🇩🇪').click()
  await expect(chat.page.getByRole('heading', { level: 1, name: '🔥👩‍🚒🇩🇪' })).toBeVisible()
  await chat.say('👍')
  await expect(chat.messages).toHaveCount(1)
  await chat.page.goto(roomPath(unseen))
  await expect(chat.page.getByRole('heading', { level: 1, name: 'Group' })).toBeVisible()
})

test('markdown that takes long to read does not hold up the page', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Langsam', [anna])
  for (const text of ['*'.repeat(15_000), '['.repeat(15_000), `${'`'.repeat(7_000)} x`, '![[]('.repeat(3_000), '<'.repeat(15_000), '- '.repeat(7_000)]) await hub.say(anna, room, text)
  await hub.say(anna, room, 'fertig')
  const chat = new Chat(await open(anna, roomPath(room)))
  await expect(chat.message('fertig')).toBeVisible()
  await chat.say('geht noch')
  await expect(chat.message('geht noch')).toBeVisible()
})
