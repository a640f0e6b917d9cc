import type { Page, Route } from '@playwright/test'
import { Chat, roomPath } from './support/chat'
import { scrollTo } from './support/history'
import type { Hub, Person, Schemas } from './support/hub'
import { expect, test } from './support/test'

const STREAM = '**/api/v1/events/stream*'
const SEND = '**/api/v1/messages/send'

const number = (n: number): string => String(n).padStart(2, '0')
const texts = (count: number, what: string): string[] => Array.from({ length: count }, (_, n) => `${what} ${number(n + 1)}`)

/** What the service has of a room, oldest first. */
async function stored(hub: Hub, person: Person, room: { room_id: string }): Promise<string[]> {
  const path = `/messages/history/${encodeURIComponent(room.room_id)}?limit=200`
  return (await hub.call<Schemas['Message'][]>(person, 'GET', path)).map(({ body }) => body).sort()
}

async function broken(route: Route): Promise<void> {
  await route.abort('connectionreset')
}

/** How often these pages have asked for the stream. */
function countStreams(page: Page): () => number {
  let count = 0
  page.context().on('request', (request) => {
    if (request.url().includes('/events/stream')) count += 1
  })
  return () => count
}

test('forty messages come while one is offline, and what one writes meanwhile is sent once', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Tunnel', [anna, ben])
  await hub.say(anna, room, 'davor')
  const chat = new Chat(await open(ben, roomPath(room)))
  await chat.live()
  await expect(chat.message('davor')).toBeVisible()
  await expect(chat.page.getByText('offline since')).toHaveCount(0)

  await chat.goOffline()
  for (const text of texts(40, 'weg')) await hub.say(anna, room, text)
  await chat.say('offline 01')
  await chat.say('offline 02')
  await expect(chat.message('offline 02')).toContainText('Is being sent')
  await expect(chat.page.getByRole('status').filter({ hasText: 'This device is offline since' })).toBeVisible()
  await expect(chat.message('weg 40')).toHaveCount(0)

  await chat.page.context().setOffline(false)
  await expect(chat.message('offline 02')).toBeVisible()
  await expect(chat.messages.getByText('Is being sent')).toHaveCount(0)
  await expect(chat.page.getByText('This device is offline since')).toHaveCount(0)
  // What came meanwhile is told, or loaded, on its own way.
  await expect(chat.message('weg 40')).toHaveCount(1)
  const all = ['davor', ...texts(40, 'weg'), ...texts(2, 'offline')]
  await expect.poll(() => chat.inSight().then((shown) => shown.at(-1))).toBe('offline 02')
  expect(await scrollTo(chat, true, 'davor')).toEqual(all)
  expect(await stored(hub, ben, room)).toEqual([...all].sort())
})

test('a reload in the middle of traffic loses and doubles nothing', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Baustelle', [anna, ben])
  const chat = new Chat(await open(ben, roomPath(room)))
  await chat.live()
  // The traffic waits for each reload to begin, so that a page that is slow is still in the middle of it.
  const gates = [15, 30, 45].map((at) => {
    let letGo = (): void => undefined
    const opened = new Promise<void>((resolve) => {
      letGo = resolve
    })
    return { at, opened, letGo }
  })
  const sent = (async () => {
    for (const [index, text] of texts(60, 'Last').entries()) {
      await gates.find(({ at }) => at === index)?.opened
      await hub.say(anna, room, text)
    }
  })()
  for (const [index, text] of ['Last 05', 'Last 20', 'Last 35'].entries()) {
    await expect(chat.message(text)).toHaveCount(1)
    gates[index]?.letGo()
    await chat.page.reload()
  }
  await sent
  // After a reload the room opens where the reading was left.
  await chat.toNewest('Last 60')
  expect(await scrollTo(chat, true, 'Last 01')).toEqual(texts(60, 'Last'))
})

test('the connection comes and goes while both write: both see the same in the same order', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Funkloch', [anna, ben])
  const [a, b] = [new Chat(await open(anna, roomPath(room))), new Chat(await open(ben, roomPath(room)))]
  await a.live()
  await b.live()
  for (let round = 1; round <= 3; round += 1) {
    await b.goOffline()
    await a.say(`Anna ${number(round)}`)
    await expect(a.message(`Anna ${number(round)}`)).not.toContainText('Is being sent')
    await b.say(`Ben ${number(round)}`)
    await b.page.context().setOffline(false)
    await expect(a.message(`Ben ${number(round)}`)).toHaveCount(1)
    await expect(b.message(`Anna ${number(round)}`)).toHaveCount(1)
    await expect(b.message(`Ben ${number(round)}`)).not.toContainText('Is being sent')
  }
  const all = [1, 2, 3].flatMap((round) => [`Anna ${number(round)}`, `Ben ${number(round)}`])
  await expect.poll(() => a.inSight()).toEqual(all)
  await expect.poll(() => b.inSight()).toEqual(all)
})

test('where the stream is blocked it is polled, and that is said', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Hinter dem Proxy', [anna, ben])
  const page = await open(ben, '/settings')
  await page.route(STREAM, broken)
  await page.goto(roomPath(room))
  const chat = new Chat(page)
  await expect(page.getByRole('status').filter({ hasText: 'The network slows down live messages' })).toBeVisible()
  await hub.say(anna, room, 'kommt trotzdem an')
  await expect(chat.message('kommt trotzdem an')).toHaveCount(1)
  await chat.say('und zurück')
  await expect(chat.message('und zurück')).not.toContainText('Is being sent')
  await hub.say(anna, room, 'immer weiter')
  await expect.poll(() => chat.inSight()).toEqual(['kommt trotzdem an', 'und zurück', 'immer weiter'])
})

test('a page of a proxy in place of the stream is no stream either', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Hotel', [anna, ben])
  const page = await open(ben, '/settings')
  await page.route(STREAM, (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Please sign in to the Wi-Fi</h1>' }))
  await page.goto(roomPath(room))
  const chat = new Chat(page)
  await expect(page.getByRole('status').filter({ hasText: 'The network slows down live messages' })).toBeVisible()
  await hub.say(anna, room, 'hallo Hotel')
  await expect(chat.message('hallo Hotel')).toHaveCount(1)
})

for (const way of ['stream', 'poll'] as const) {
  test(`what is sent before the first ${way} stands is not missed`, async ({ hub, open }) => {
    const anna = await hub.person('Anna')
    const ben = await hub.person('Ben')
    const room = await hub.room('Langsamer Anfang', [anna, ben])
    await hub.say(anna, room, 'davor')
    const page = await open(ben, '/settings')
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    if (way === 'poll') await page.route(STREAM, broken)
    await page.route(way === 'stream' ? STREAM : '**/api/v1/events/poll*', async (route) => {
      await held
      await route.continue()
    })
    await page.goto(roomPath(room))
    const chat = new Chat(page)
    await expect(chat.message('davor')).toBeVisible()
    await hub.say(anna, room, 'dazwischen')
    letGo()
    await hub.say(anna, room, 'danach')
    await expect(chat.message('danach')).toHaveCount(1)
    await expect.poll(() => chat.inSight()).toEqual(['davor', 'dazwischen', 'danach'])
  })
}

test('two tabs of one person share one stream, and the other takes over when one is closed', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Zwei Tabs', [anna, ben])
  const first = new Chat(await open(ben, '/settings'))
  const streams = countStreams(first.page)
  await first.page.goto(roomPath(room))
  await first.live()
  await expect.poll(streams).toBe(1)
  const second = new Chat(await first.page.context().newPage())
  await second.page.goto(roomPath(room))
  await second.live()
  await hub.say(anna, room, 'für beide Tabs')
  await expect(first.message('für beide Tabs')).toHaveCount(1)
  await expect(second.message('für beide Tabs')).toHaveCount(1)
  await second.say('aus dem zweiten')
  await expect(first.message('aus dem zweiten')).toHaveCount(1)
  expect(streams()).toBe(1)

  await first.page.close()
  await hub.say(anna, room, 'nach dem Schließen')
  await expect(second.message('nach dem Schließen')).toHaveCount(1)
  await expect.poll(streams).toBe(2)
  await expect.poll(() => second.inSight()).toEqual(['für beide Tabs', 'aus dem zweiten', 'nach dem Schließen'])
})

test('a message whose answer is lost on the way back is sent again and is there once', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const ben = await hub.person('Ben')
  const room = await hub.room('Einmal', [anna, ben])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.live()
  let tries = 0
  await chat.page.route(SEND, async (route) => {
    tries += 1
    if (tries > 1) return route.continue()
    await route.fetch()
    return route.abort('connectionreset')
  })
  await chat.say('genau einmal')
  await expect(chat.message('genau einmal')).not.toContainText('Is being sent')
  await chat.say('danach')
  await expect(chat.message('danach')).not.toContainText('Is being sent')
  await expect.poll(() => chat.inSight()).toEqual(['genau einmal', 'danach'])
  expect(await stored(hub, ben, room)).toEqual(['danach', 'genau einmal'])
})

test('what could not be sent yet survives a reload and is sent once', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Nachher', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.live()
  await chat.page.route(SEND, broken)
  await chat.say('wartet')
  await expect(chat.message('wartet')).toContainText('Is being sent')
  await chat.page.unroute(SEND)
  await chat.page.reload()
  await expect(chat.message('wartet')).toHaveCount(1)
  await expect(chat.message('wartet')).not.toContainText('Is being sent')
  expect(await stored(hub, anna, room)).toEqual(['wartet'])
})

test('what the service refuses stays, says why, and can be sent again or thrown away', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Abgelehnt', [anna])
  const chat = new Chat(await open(anna, roomPath(room)))
  await chat.live()
  await chat.page.route(SEND, (route) => route.fulfill({ status: 403, json: { error: 'forbidden', message: 'no', detail: 'no', details: null } }))
  await chat.say('darf nicht')
  const failed = chat.message('darf nicht')
  await expect(failed.getByRole('alert')).toContainText('Not sent. You are not allowed to do this.')
  await chat.say('auch nicht')
  await chat.message('auch nicht').getByRole('button', { name: 'Discard' }).click()
  await expect(chat.message('auch nicht')).toHaveCount(0)
  await chat.page.unroute(SEND)
  await failed.getByRole('button', { name: 'Send again' }).click()
  await expect(failed.getByRole('alert')).toHaveCount(0)
  await expect(failed).not.toContainText('Is being sent')
  expect(await stored(hub, anna, room)).toEqual(['darf nicht'])
})

test('a service that is away is said in words, with a way on', async ({ hub, open }) => {
  const anna = await hub.person('Anna')
  const room = await hub.room('Weg', [anna])
  await hub.say(anna, room, 'ist da')
  const page = await open(anna, '/settings')
  const history = '**/api/v1/messages/history/**'
  await page.route(history, (route) => route.fulfill({ status: 503, json: { error: 'unavailable', message: 'x', detail: 'x', details: null } }))
  await page.goto(roomPath(room))
  const alert = new Chat(page).timeline.getByRole('alert')
  await expect(alert).toContainText('A part of the messenger is away at the moment.')
  await page.unroute(history)
  await alert.getByRole('button', { name: 'Try again' }).click()
  await expect(new Chat(page).message('ist da')).toBeVisible()
})
